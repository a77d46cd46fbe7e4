using System.Runtime.Versioning;

[assembly: TargetFramework(".NETFramework,Version=v4.8")]

namespace OldFramework;

public class Startup : System.Web.Old.HttpApplication
{
    public Task Invoke(IDictionary<string, object> env) => Task.FromException(new NotSupportedException($"{env}"));
}
