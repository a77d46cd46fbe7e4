using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Owin;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace AspNetCoreOnOwin;

/// A server of the app's own, as ASP.NET Core's documentation of OWIN makes one: it listens nowhere, and its AppFunc is
/// for whoever has an OWIN environment.
sealed class OwinServer : IServer
{
    public OwinServer() => Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public AppFunc? App { get; private set; }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancelled)
        where TContext : notnull
    {
        App = async env =>
        {
            var owin = new OwinFeatureCollection(env);
            // Two levels: the inner one takes no further features.
            var context = application.CreateContext(new FeatureCollection(owin));
            try
            {
                await application.ProcessRequestAsync(context);
                await owin.Complete();
            }
            catch (Exception error)
            {
                application.DisposeContext(context, error);
                throw;
            }
            application.DisposeContext(context, null);
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancelled) => Task.CompletedTask;

    public void Dispose() { }

    sealed class ServerAddressesFeature : IServerAddressesFeature
    {
        public ICollection<string> Addresses { get; } = [];
        public bool PreferHostingUrls { get; set; }
    }
}
