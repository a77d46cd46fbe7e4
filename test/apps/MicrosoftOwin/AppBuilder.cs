using Owin;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Microsoft.Owin
{
    /// <summary>A middleware in the library's own signature, which only its own builder converts.</summary>
    public abstract class OwinMiddleware(OwinMiddleware next)
    {
        protected OwinMiddleware Next { get; } = next;

        public abstract Task Invoke(IDictionary<string, object> env);
    }
}

namespace Microsoft.Owin.Builder
{
    sealed class End(AppFunc app) : OwinMiddleware(null!)
    {
        public override Task Invoke(IDictionary<string, object> env) => app(env);
    }

    /// <summary>Builds pipelines of OwinMiddleware types and of AppFuncs.</summary>
    public sealed class AppBuilder : IAppBuilder
    {
        readonly List<Func<AppFunc, AppFunc>> pipeline = [];

        public AppBuilder()
        {
            Properties["builder.DefaultApp"] = new AppFunc(NotFound);
            Properties["katana.Builder"] = "its own";
        }

        public IDictionary<string, object> Properties { get; } = new Dictionary<string, object>();

        static Task NotFound(IDictionary<string, object> env)
        {
            env["owin.ResponseStatusCode"] = 404;
            return Task.CompletedTask;
        }

        public IAppBuilder Use(object middleware, params object[] args)
        {
            pipeline.Add(
                middleware is Type type
                    ? next => ((OwinMiddleware)Activator.CreateInstance(type, [new End(next), .. args])!).Invoke
                    : (Func<AppFunc, AppFunc>)middleware
            );
            return this;
        }

        public IAppBuilder New() => new AppBuilder();

        public object Build(Type returnType)
        {
            var app = (AppFunc)Properties["builder.DefaultApp"];
            foreach (var middleware in Enumerable.Reverse(pipeline))
                app = middleware(app);
            return app;
        }
    }
}
