using Owin.Host.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.MessageHandlers;

/// <summary>
/// Runs a pipeline of message handlers as an OWIN app: the environment becomes an HttpRequestMessage, the
/// HttpResponseMessage becomes the response. Nothing outside of this folder names a type of System.Net.Http, which other
/// apps then do not load.
/// <para>
/// Ownership: request, response, and what was registered for disposal with the request are disposed when the response is
/// complete, or before the next app goes on.
/// </para>
/// </summary>
internal sealed class MessageHandlerAdapter(HttpMessageInvoker pipeline, RequestContext context)
{
    /// <summary>An OWIN AppFunc. The environment is the server's own.</summary>
    public async Task Invoke(IDictionary<string, object> env)
    {
        if (await Answer((OwinEnvironment)env).ConfigureAwait(false))
            return;
        await ((AppFunc)env[OwinKeys.NodeNext])(env).ConfigureAwait(false);
    }

    // False: no route has matched, and somebody else can answer.
    async Task<bool> Answer(OwinEnvironment env)
    {
        var cancelled = (CancellationToken)env[OwinKeys.OwinCallCancelled];
        HttpResponseMessage? response = null;
        var request = RequestMessage.Create(env);
        try
        {
            context.Attach(request, env);
            response =
                await pipeline.SendAsync(request, cancelled).ConfigureAwait(false)
                ?? throw new InvalidOperationException("The message handlers returned null instead of a response.");
            if (RequestContext.IsSoftNotFound(request, response) && env.ContainsKey(OwinKeys.NodeNext))
                return false;
            await ResponseMessage.Send(response, env, cancelled).ConfigureAwait(false);
            return true;
        }
        finally
        {
            RequestContext.DisposeResources(request, env);
            request.Dispose();
            response?.Dispose();
        }
    }
}
