using System.Runtime.CompilerServices;

namespace Owin.Host.Http;

/// <summary>The known keys: the slot of each, and the value it has when it is first read.</summary>
internal sealed partial class OwinEnvironment
{
    static readonly object True = true;
    static readonly object False = false;
    static readonly object Ok = 200;

    static readonly string[] KnownKeys =
    [
        OwinKeys.OwinRequestBody,
        OwinKeys.OwinRequestHeaders,
        OwinKeys.OwinRequestMethod,
        OwinKeys.OwinRequestPath,
        OwinKeys.OwinRequestPathBase,
        OwinKeys.OwinRequestProtocol,
        OwinKeys.OwinRequestQueryString,
        OwinKeys.OwinRequestScheme,
        OwinKeys.OwinRequestId,
        OwinKeys.OwinRequestUser,
        OwinKeys.OwinResponseBody,
        OwinKeys.OwinResponseHeaders,
        OwinKeys.OwinResponseStatusCode,
        OwinKeys.OwinResponseReasonPhrase,
        OwinKeys.OwinCallCancelled,
        OwinKeys.OwinVersion,
        OwinKeys.CommonDisconnect,
        OwinKeys.ServerRemoteIpAddress,
        OwinKeys.ServerRemotePort,
        OwinKeys.ServerLocalIpAddress,
        OwinKeys.ServerLocalPort,
        OwinKeys.ServerIsLocal,
        OwinKeys.ServerConnectionId,
        OwinKeys.ServerUser,
        OwinKeys.ServerOnSendingHeaders,
        OwinKeys.ServerDisableRequestBuffering,
        OwinKeys.ServerDisableResponseBuffering,
        OwinKeys.NodeRawTarget,
        OwinKeys.NodeOriginalUrl,
        OwinKeys.NodeNext,
        OwinKeys.NodeBodyConsumed,
        OwinKeys.SendfileSendAsync,
    ];

    const int SlotCount = 32;

    [InlineArray(SlotCount)]
    struct Slots
    {
        object? first;
    }

    // The names of the slots, in the order of KnownKeys.
    const int ResponseHeaders = 11;
    const int StatusCode = 12;
    const int ReasonPhrase = 13;
    const int RequestUser = 9;
    const int ServerUser = 23;

    static int SlotOf(string key) =>
        key switch
        {
            OwinKeys.OwinRequestBody => 0,
            OwinKeys.OwinRequestHeaders => 1,
            OwinKeys.OwinRequestMethod => 2,
            OwinKeys.OwinRequestPath => 3,
            OwinKeys.OwinRequestPathBase => 4,
            OwinKeys.OwinRequestProtocol => 5,
            OwinKeys.OwinRequestQueryString => 6,
            OwinKeys.OwinRequestScheme => 7,
            OwinKeys.OwinRequestId => 8,
            OwinKeys.OwinRequestUser => RequestUser,
            OwinKeys.OwinResponseBody => 10,
            OwinKeys.OwinResponseHeaders => ResponseHeaders,
            OwinKeys.OwinResponseStatusCode => StatusCode,
            OwinKeys.OwinResponseReasonPhrase => ReasonPhrase,
            OwinKeys.OwinCallCancelled => 14,
            OwinKeys.OwinVersion => 15,
            OwinKeys.CommonDisconnect => 16,
            OwinKeys.ServerRemoteIpAddress => 17,
            OwinKeys.ServerRemotePort => 18,
            OwinKeys.ServerLocalIpAddress => 19,
            OwinKeys.ServerLocalPort => 20,
            OwinKeys.ServerIsLocal => 21,
            OwinKeys.ServerConnectionId => 22,
            OwinKeys.ServerUser => ServerUser,
            OwinKeys.ServerOnSendingHeaders => 24,
            OwinKeys.ServerDisableRequestBuffering => 25,
            OwinKeys.ServerDisableResponseBuffering => 26,
            OwinKeys.NodeRawTarget => 27,
            OwinKeys.NodeOriginalUrl => 28,
            OwinKeys.NodeNext => 29,
            OwinKeys.NodeBodyConsumed => 30,
            OwinKeys.SendfileSendAsync => 31,
            _ => -1,
        };

    object? Initial(int slot) =>
        slot switch
        {
            0 => (object?)exchange.RequestBody ?? Stream.Null,
            1 => exchange.Head.ReadHeaders(),
            2 => exchange.Head.Method,
            3 => exchange.Head.Path,
            4 => exchange.Head.PathBase,
            5 => exchange.Head.Protocol,
            6 => exchange.Head.QueryString,
            7 => exchange.Head.Scheme,
            8 => RequestIds.Next(),
            10 => new ResponseBody(exchange),
            ResponseHeaders => ownHeaders = new HeaderDictionary(),
            StatusCode => Ok,
            14 => exchange.CallCancelled,
            15 => "1.0",
            16 => new Action(exchange.Disconnect),
            17 => exchange.Head.RemoteAddress,
            18 => exchange.Head.RemotePort,
            19 => exchange.Head.LocalAddress,
            20 => exchange.Head.LocalPort,
            21 => exchange.Head.IsLocal ? True : False,
            22 => exchange.Head.ConnectionId,
            24 => new Action<Action<object>, object>(exchange.OnSendingHeaders),
            // Where a request body is collected, it has been before the app is called.
            25 => Nothing,
            26 => new Action(exchange.DisableResponseBuffering),
            27 or 28 => exchange.Head.OriginalUrl,
            29 => exchange.HasNext ? new Func<IDictionary<string, object>, Task>(_ => exchange.Next()) : null,
            30 => exchange.BodyLost ? True : null,
            RequestUser or ServerUser => exchange.Values?.User,
            31 => new Func<string, long, long?, CancellationToken, Task>(exchange.SendFile),
            _ => null,
        };

    static readonly Action Nothing = static () => { };
}
