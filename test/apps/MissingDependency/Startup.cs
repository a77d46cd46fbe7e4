using System.Text;
using MissingDependency.Library;

namespace MissingDependency.Main
{
    /// Cannot be loaded: its base class is in the missing assembly.
    public class Startup : Base
    {
        public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
    }
}

namespace MissingDependency
{
    /// Can be loaded, and fails at its first request.
    public class Later
    {
        public async Task Invoke(IDictionary<string, object> env) =>
            await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes(Base.Greeting));
    }
}
