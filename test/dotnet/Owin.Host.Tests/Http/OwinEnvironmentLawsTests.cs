using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>Random operations on an environment and on a plain dictionary that began with the same entries.</summary>
public class OwinEnvironmentLawsTests
{
    // The two names of the user influence each other; OwinEnvironmentTests has them.
    static readonly string[] Keys =
    [
        "owin.RequestMethod",
        "owin.RequestHeaders",
        "owin.RequestBody",
        "owin.ResponseHeaders",
        "owin.ResponseStatusCode",
        "owin.ResponseReasonPhrase",
        "owin.CallCancelled",
        "server.IsLocal",
        "server.OnSendingHeaders",
        "node.Next",
        "node.BodyConsumed",
        "host.AppName",
        "server.Capabilities",
        "acme.Startup",
        "unknown.One",
        "unknown.Two",
        "Owin.RequestMethod",
        "",
    ];

    [Theory]
    [MemberData(nameof(Generator.Seeds), 20, MemberType = typeof(Generator))]
    public async Task It_behaves_as_a_dictionary(int seed)
    {
        var generator = new Generator(seed);
        var flags = generator.Pick(0, RequestFlags.HasNext, RequestFlags.BodyLost);
        var env = (await HeldCall.Begin(new() { Flags = flags })).Env;
        var model = new Dictionary<string, object>(env, StringComparer.Ordinal);
        Assert.True(model.Count > 25);
        for (int i = 0; i < 500; i++)
        {
            var key = generator.Pick(Keys);
            bool present = model.TryGetValue(key, out var current);
            object value = generator.Pick<object>(i, "text", null!);
            switch (generator.Below(12))
            {
                case 0 or 1:
                    env[key] = model[key] = value;
                    break;
                case 2 when present:
                    Assert.Throws<ArgumentException>(() => env.Add(key, value));
                    break;
                case 2:
                    env.Add(key, value);
                    model.Add(key, value);
                    break;
                case 3 or 4:
                    Assert.Equal(model.Remove(key), env.Remove(key));
                    break;
                case 5:
                    Assert.False(env.Remove(new KeyValuePair<string, object>(key, new object())));
                    break;
                case 6 when present:
                    Assert.True(env.Remove(new KeyValuePair<string, object>(key, current!)));
                    model.Remove(key);
                    break;
                case 7 when present:
                    Assert.Same(current, env[key]);
                    Assert.True(env.Contains(new(key, current!)));
                    break;
                case 7:
                    Assert.Throws<KeyNotFoundException>(() => env[key]);
                    Assert.False(env.Contains(new(key, null!)));
                    break;
                case 8:
                    Assert.Equal(present, env.TryGetValue(key, out var found));
                    Assert.Same(current, found);
                    break;
                case 9 when generator.Chance(2):
                    env.Clear();
                    model.Clear();
                    break;
                default:
                    Assert.Equal(present, env.ContainsKey(key));
                    break;
            }
            AssertSame(model, env);
        }
    }

    static void AssertSame(Dictionary<string, object> model, IDictionary<string, object> env)
    {
        Assert.Equal(model.Count, env.Count);
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), env.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(model.Count, env.Values.Count);
        var entries = new KeyValuePair<string, object>[model.Count + 2];
        env.CopyTo(entries, 2);
        foreach (var (key, value) in entries[2..])
            Assert.Same(model[key], value);
        foreach (var (key, value) in env)
            Assert.Same(model[key], value);
    }
}
