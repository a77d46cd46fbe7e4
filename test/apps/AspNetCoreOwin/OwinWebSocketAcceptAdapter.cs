using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using WebSocketAccept = System.Action<
    System.Collections.Generic.IDictionary<string, object>?,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>;
using WebSocketAcceptAlt = System.Func<
    Microsoft.AspNetCore.Http.WebSocketAcceptContext,
    System.Threading.Tasks.Task<System.Net.WebSockets.WebSocket>
>;

namespace Microsoft.AspNetCore.Owin;

/// The other way: gives websocket.AcceptAlt where an OWIN server has websocket.Accept. That one calls back when the
/// pipeline has unwound, this one returns within it: so the app's Task completes at the accept, and what the pipeline
/// still does is the callback's.
public sealed class OwinWebSocketAcceptAdapter
{
    readonly WebSocketAccept accept;
    readonly TaskCompletionSource request = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<WebSocket> accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource wentAsync = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task upstream = Task.CompletedTask;

    OwinWebSocketAcceptAdapter(WebSocketAccept accept) => this.accept = accept;

    public static AppFunc AdaptWebSockets(AppFunc next) =>
        env =>
        {
            if (!env.TryGetValue("websocket.Accept", out var value) || value is not WebSocketAccept accept)
                return next(env);
            var adapter = new OwinWebSocketAcceptAdapter(accept);
            env["websocket.AcceptAlt"] = new WebSocketAcceptAlt(adapter.Accept);
            adapter.upstream = next(env);
            adapter.wentAsync.SetResult();
            adapter.upstream.ContinueWith(adapter.Completed, TaskContinuationOptions.ExecuteSynchronously);
            return adapter.request.Task;
        };

    async Task<WebSocket> Accept(WebSocketAcceptContext context)
    {
        var options = context?.SubProtocol is { } name
            ? new Dictionary<string, object> { ["websocket.SubProtocol"] = name }
            : null;
        // It may be called before `next` has returned its Task.
        await wentAsync.Task;
        accept(options, Callback);
        request.TrySetResult();
        return await accepted.Task;

        Task Callback(IDictionary<string, object> webSocket)
        {
            accepted.TrySetResult(new OwinWebSocketAdapter(webSocket, context?.SubProtocol));
            return upstream;
        }
    }

    void Completed(Task task)
    {
        if (task.IsCanceled)
            request.TrySetCanceled();
        else if (task.IsFaulted)
            request.TrySetException(task.Exception.InnerExceptions);
        else
            request.TrySetResult();
    }
}
