using System.Security.Claims;
using System.Security.Principal;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class OwinEnvironmentTests
{
    /// <summary>The keys of every request, with the type an app may cast to.</summary>
    public static TheoryData<string, Type> AlwaysPresent =>
        new()
        {
            { "owin.RequestBody", typeof(Stream) },
            { "owin.RequestHeaders", typeof(IDictionary<string, string[]>) },
            { "owin.RequestMethod", typeof(string) },
            { "owin.RequestPath", typeof(string) },
            { "owin.RequestPathBase", typeof(string) },
            { "owin.RequestProtocol", typeof(string) },
            { "owin.RequestQueryString", typeof(string) },
            { "owin.RequestScheme", typeof(string) },
            { "owin.RequestId", typeof(string) },
            { "owin.ResponseBody", typeof(Stream) },
            { "owin.ResponseHeaders", typeof(IDictionary<string, string[]>) },
            { "owin.ResponseStatusCode", typeof(int) },
            { "owin.CallCancelled", typeof(CancellationToken) },
            { "owin.Version", typeof(string) },
            { "common.Disconnect", typeof(Action) },
            { "server.RemoteIpAddress", typeof(string) },
            { "server.RemotePort", typeof(string) },
            { "server.LocalIpAddress", typeof(string) },
            { "server.LocalPort", typeof(string) },
            { "server.IsLocal", typeof(bool) },
            { "server.ConnectionId", typeof(string) },
            { "server.Capabilities", typeof(IDictionary<string, object>) },
            { "server.OnSendingHeaders", typeof(Action<Action<object>, object>) },
            { "server.DisableRequestBuffering", typeof(Action) },
            { "server.DisableResponseBuffering", typeof(Action) },
            { "host.AppName", typeof(string) },
            { "host.TraceOutput", typeof(TextWriter) },
            { "host.OnAppDisposing", typeof(CancellationToken) },
            { "node.RawTarget", typeof(string) },
            { "node.OriginalUrl", typeof(string) },
        };

    [Theory]
    [MemberData(nameof(AlwaysPresent))]
    public async Task A_key_of_every_request_has_its_type_and_one_value(string key, Type type)
    {
        var env = (await HeldCall.Begin()).Env;
        Assert.True(env.ContainsKey(key));
        Assert.IsAssignableFrom(type, env[key]);
        Assert.True(env.TryGetValue(key, out var again));
        // One value however often it is read; of a struct, one box.
        Assert.Same(env[key], again);
        Assert.Contains(key, env.Keys);
    }

    [Theory]
    [InlineData("owin.RequestUser")]
    [InlineData("server.User")]
    [InlineData("owin.ResponseReasonPhrase")]
    [InlineData("owin.ResponseProtocol")]
    [InlineData("node.Next")]
    [InlineData("node.BodyConsumed")]
    [InlineData("host.AppMode")]
    [InlineData("OWIN.REQUESTMETHOD")]
    [InlineData("")]
    public async Task An_optional_key_is_absent(string key)
    {
        var env = (await HeldCall.Begin()).Env;
        Assert.False(env.ContainsKey(key));
        Assert.False(env.TryGetValue(key, out var value));
        Assert.Null(value);
        Assert.DoesNotContain(key, env.Keys);
        Assert.Contains($"'{key}'", Assert.Throws<KeyNotFoundException>(() => env[key]).Message);
        Assert.False(env.Remove(key));
    }

    [Theory]
    [InlineData("unix", true)]
    [InlineData("", false)]
    public async Task Without_TCP_addresses_are_absent(string remote, bool isLocal)
    {
        var request = new RequestFields
        {
            RemoteAddress = remote,
            RemotePort = "",
            LocalAddress = "",
            LocalPort = "",
        };
        var env = (await HeldCall.Begin(request)).Env;
        Assert.DoesNotContain("server.RemoteIpAddress", env.Keys);
        Assert.DoesNotContain("server.RemotePort", env.Keys);
        Assert.DoesNotContain("server.LocalIpAddress", env.Keys);
        Assert.DoesNotContain("server.LocalPort", env.Keys);
        Assert.Equal(isLocal, env["server.IsLocal"]);
    }

    [Fact]
    public async Task Values_are_those_of_the_request()
    {
        var request = new RequestFields
        {
            Method = "PURGE",
            Mount = "/m",
            Url = "/%C3%A9?q",
            OriginalUrl = "/m/%C3%A9?q",
            HttpVersion = "2.0",
            Scheme = "https",
            Flags = RequestFlags.HasNext | RequestFlags.BodyLost,
        };
        var env = (await HeldCall.Begin(request)).Env;
        Assert.Equal("PURGE", env["owin.RequestMethod"]);
        Assert.Equal("/m", env["owin.RequestPathBase"]);
        Assert.Equal("/é", env["owin.RequestPath"]);
        Assert.Equal("q", env["owin.RequestQueryString"]);
        Assert.Equal("HTTP/2", env["owin.RequestProtocol"]);
        Assert.Equal("https", env["owin.RequestScheme"]);
        Assert.Equal("1.0", env["owin.Version"]);
        Assert.Equal("/m/%C3%A9?q", env["node.RawTarget"]);
        Assert.Equal("/m/%C3%A9?q", env["node.OriginalUrl"]);
        Assert.Equal("192.0.2.7", env["server.RemoteIpAddress"]);
        Assert.Equal("50123", env["server.RemotePort"]);
        Assert.Equal("192.0.2.1", env["server.LocalIpAddress"]);
        Assert.Equal("3000", env["server.LocalPort"]);
        Assert.Equal("c-1", env["server.ConnectionId"]);
        Assert.Equal(false, env["server.IsLocal"]);
        Assert.Equal(200, env["owin.ResponseStatusCode"]);
        Assert.Empty((IDictionary<string, string[]>)env["owin.ResponseHeaders"]);
        Assert.IsType<Func<IDictionary<string, object>, Task>>(env["node.Next"]);
        Assert.Equal(true, env["node.BodyConsumed"]);
    }

    [Fact]
    public async Task Request_ids_are_unique()
    {
        var ids = new HashSet<object>();
        for (int i = 0; i < 50; i++)
            Assert.True(ids.Add((await HeldCall.Begin()).Env["owin.RequestId"]));
    }

    [Fact]
    public async Task A_request_without_body_has_the_null_stream()
    {
        Assert.Same(Stream.Null, (await HeldCall.Begin()).RequestBody);
        Assert.NotSame(Stream.Null, (await HeldCall.Begin(RequestFields.WithBody)).RequestBody);
        var lost = RequestFields.WithBody with { Flags = RequestFlags.BodyLost };
        Assert.Same(Stream.Null, (await HeldCall.Begin(lost)).RequestBody);
    }

    [Fact]
    public async Task Nothing_is_made_that_nobody_reads()
    {
        var env = (await HeldCall.Begin(new() { Headers = ["Host", "a", "X", new string('x', 10_000)] })).Env;
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = env["owin.RequestPath"];
        _ = env["owin.ResponseHeaders"];
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 200);
    }

    [Fact]
    public async Task Startup_properties_are_seen_through_and_stay_the_apps()
    {
        var call = await HeldCall.Begin();
        var (env, properties) = (call.Env, call.Node.App.Properties);
        Assert.Same(properties["server.Capabilities"], env["server.Capabilities"]);
        Assert.Equal("from startup", env["acme.Startup"]);
        Assert.Contains("acme.Startup", env.Keys);
        Assert.Throws<ArgumentException>(() => env.Add("acme.Startup", 1));
        env["acme.Startup"] = "mine";
        Assert.Equal("mine", env["acme.Startup"]);
        Assert.True(env.Remove("acme.Startup"));
        Assert.False(env.ContainsKey("acme.Startup"));
        Assert.False(env.Remove("acme.Startup"));
        env.Add("acme.Startup", "again");
        Assert.Equal("from startup", properties["acme.Startup"]);
    }

    [Fact]
    public async Task The_user_is_one_under_two_names()
    {
        var env = (await HeldCall.Begin()).Env;
        var claims = new ClaimsPrincipal();
        env["owin.RequestUser"] = claims;
        Assert.Same(claims, env["server.User"]);

        var generic = new GenericPrincipal(new GenericIdentity("ada"), ["admin"]);
        env["server.User"] = generic; // a ClaimsPrincipal, too
        Assert.Same(generic, env["owin.RequestUser"]);

        env["server.User"] = new PlainPrincipal("grace");
        Assert.Equal("grace", Assert.IsType<ClaimsPrincipal>(env["owin.RequestUser"]).Identity!.Name);

        Assert.True(env.Remove("owin.RequestUser"));
        Assert.False(env.ContainsKey("server.User"));

        env.Add("server.User", claims);
        Assert.Throws<ArgumentException>(() => env.Add("owin.RequestUser", claims));
        Assert.True(env.Remove("server.User"));
        Assert.False(env.ContainsKey("owin.RequestUser"));
    }

    sealed class PlainPrincipal(string name) : IPrincipal
    {
        public IIdentity Identity { get; } = new GenericIdentity(name);

        public bool IsInRole(string role) => false;
    }

    [Fact]
    public async Task A_null_value_is_there()
    {
        var env = (await HeldCall.Begin()).Env;
        foreach (var key in (string[])["owin.ResponseHeaders", "owin.RequestUser", "acme.Startup", "mine"])
        {
            env[key] = null!;
            Assert.True(env.TryGetValue(key, out var value));
            Assert.Null(value);
            Assert.True(env.Contains(new(key, null!)));
            Assert.Throws<ArgumentException>(() => env.Add(key, 1));
        }
    }

    [Fact]
    public async Task Null_is_no_key()
    {
        var env = (await HeldCall.Begin()).Env;
        Assert.Throws<ArgumentNullException>(() => env[null!]);
        Assert.Throws<ArgumentNullException>(() => env[null!] = 1);
        Assert.Throws<ArgumentNullException>(() => env.Add(null!, 1));
        Assert.Throws<ArgumentNullException>(() => env.Remove(null!));
        Assert.Throws<ArgumentNullException>(() => env.ContainsKey(null!));
        Assert.Throws<ArgumentNullException>(() => env.TryGetValue(null!, out _));
    }

    [Fact]
    public async Task Keys_may_be_removed_while_they_are_enumerated()
    {
        var env = (await HeldCall.Begin()).Env;
        env["mine"] = 1;
        foreach (var (key, _) in env)
        {
            env.Remove(key);
            env.Remove("mine");
        }
        Assert.Empty(env);
    }

    [Fact]
    public async Task A_kept_environment_stays_readable()
    {
        var call = await HeldCall.Begin(RequestFields.WithBody with { Url = "/kept?q" });
        var kept = call.Env;
        call.End();
        await call.Inbox.Next(ToJs.Response);
        // The slot is used again.
        call.Node.Request(new() { Url = "/other" }, slot: 3, generation: 10);
        foreach (var (key, value) in kept)
            Assert.NotNull(value ?? key);
        Assert.Equal("/kept", kept["owin.RequestPath"]);
        Assert.Equal("example.test", ((IDictionary<string, string[]>)kept["owin.RequestHeaders"])["host"].Single());
        Assert.False(((CancellationToken)kept["owin.CallCancelled"]).IsCancellationRequested);
        Assert.Throws<ObjectDisposedException>(() => ((Stream)kept["owin.RequestBody"]).ReadByte());
        Assert.Throws<ObjectDisposedException>(() => ((Stream)kept["owin.ResponseBody"]).WriteByte(1));
    }
}
