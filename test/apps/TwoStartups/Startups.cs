namespace TwoStartups.First
{
    public class Startup
    {
        public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
    }
}

namespace TwoStartups.Second
{
    public class Startup
    {
        public Task Invoke(IDictionary<string, object> env) => Task.CompletedTask;
    }
}
