namespace Microsoft.Owin;

[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class OwinStartupAttribute(string friendlyName, Type startupType, string methodName) : Attribute
{
    public OwinStartupAttribute(Type startupType)
        : this("", startupType, "") { }

    public OwinStartupAttribute(string friendlyName, Type startupType)
        : this(friendlyName, startupType, "") { }

    public OwinStartupAttribute(Type startupType, string methodName)
        : this("", startupType, methodName) { }

    public string FriendlyName { get; } = friendlyName;
    public Type StartupType { get; } = startupType;
    public string MethodName { get; } = methodName;
}
