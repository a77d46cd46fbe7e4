using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Owin;
using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;
using Protector = System.Tuple<System.Func<byte[], byte[]>, System.Func<byte[], byte[]>>;

namespace Builder;

/// What an app is started with, as lines `name=value`, and what it may do with it.
public class StartupProperties
{
    static readonly List<string> Log = [];

    public void Configuration(IAppBuilder app)
    {
        var startup = app.Properties;
        ((Action<Func<Task>>)startup["server.OnInit"])(async () =>
        {
            await Task.Yield();
            Log.Add("initialized");
        });
        startup["host.Added"] = "by the app";
        app.Use(
            new Func<AppFunc, AppFunc>(_ =>
                env =>
                    env.Path() switch
                    {
                        "/keys" => env.Answer(string.Join('\n', startup.Select(each => $"{each.Key}={each.Value}"))),
                        "/same" => env.Answer(
                            $"{ReferenceEquals(env["server.Capabilities"], startup["server.Capabilities"])}"
                        ),
                        "/added" => env.Answer($"{env["host.Added"]} {env.ContainsKey("builder.DefaultApp")}"),
                        "/init" => env.Answer(string.Join('\n', Log)),
                        "/init-late" => env.Answer(
                            Outcome(() => ((Action<Func<Task>>)startup["server.OnInit"])(() => Task.CompletedTask))
                        ),
                        "/assemblies" => env.Answer(
                            string.Join(
                                '\n',
                                ((IEnumerable<Assembly>)startup["host.ReferencedAssemblies"]).Select(each =>
                                    each.GetName().Name
                                )
                            )
                        ),
                        "/log" => env.Answer(WriteLog(startup)),
                        "/protect" => env.Answer(
                            Convert.ToHexString(ProtectorFor(startup, "a").Item1("secret"u8.ToArray()))
                        ),
                        "/unprotect" => env.Answer(Unprotect(startup, env)),
                        _ => env.Answer(""),
                    }
            )
        );
    }

    static string WriteLog(IDictionary<string, object> startup)
    {
        var logger = (
            (Func<string, Func<TraceEventType, int, object, Exception, Func<object, Exception, string>, bool>>)
                startup["server.LoggerFactory"]
        )("Acme");
        var verbose = logger(TraceEventType.Verbose, 0, null!, null!, null!);
        var warning = logger(TraceEventType.Warning, 0, null!, null!, null!);
        logger(TraceEventType.Warning, 7, "careful", null!, (state, _) => $"be {state}");
        return $"{verbose} {warning}";
    }

    static Protector ProtectorFor(IDictionary<string, object> startup, params string[] purposes) =>
        ((Func<string[], Protector>)startup["security.DataProtectionProvider"])(purposes);

    // `?data=` the hex; `&purpose=`; `&flip=` a bit of which byte is changed.
    static string Unprotect(IDictionary<string, object> startup, IDictionary<string, object> env)
    {
        var data = Convert.FromHexString(env.Query("data")!);
        if (env.Query("flip") is { } flip)
            data[int.Parse(flip)] ^= 1;
        return Outcome(() => Encoding.UTF8.GetString(ProtectorFor(startup, env.Query("purpose") ?? "a").Item2(data)));
    }

    static string Outcome(Func<string> call)
    {
        try
        {
            return call();
        }
        catch (CryptographicException error)
        {
            return error.GetType().ToString();
        }
    }

    static string Outcome(Action call)
    {
        try
        {
            call();
            return "none";
        }
        catch (InvalidOperationException error)
        {
            return $"{error.GetType()}";
        }
    }
}

public class FailingInit
{
    public void Configuration(IAppBuilder app)
    {
        var onInit = (Action<Func<Task>>)app.Properties["server.OnInit"];
        onInit(() => Task.FromException(new InvalidOperationException("not initialized")));
    }
}
