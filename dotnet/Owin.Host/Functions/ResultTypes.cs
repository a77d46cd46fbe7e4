namespace Owin.Host.Functions;

/// <summary>What a method's return type says of its result.</summary>
internal static class ResultTypes
{
    /// <summary>The type of the result itself: T of Task&lt;T&gt;, void of Task, else the type.</summary>
    public static Type Result(Type returned)
    {
        if (returned == typeof(Task) || returned == typeof(ValueTask))
            return typeof(void);
        if (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(ValueTask<>))
            return returned.GetGenericArguments()[0];
        for (var type = returned; type != null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
                return type.GetGenericArguments()[0];
        }
        return returned;
    }
}
