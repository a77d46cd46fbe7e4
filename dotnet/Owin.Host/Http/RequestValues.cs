using System.Security.Authentication;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Owin.Host.Functions;

namespace Owin.Host.Http;

/// <summary>
/// What JavaScript gave one request: values for its environment, its user, the client's certificate, the active trace.
/// Read when one of them is first asked for.
/// <para>Threads: any; Close may come at any time.</para>
/// </summary>
internal sealed class RequestValues(JsEnvironment environment, byte[] bytes)
{
    readonly JsFunctions functions = new(environment, "request");
    List<object>? parts;
    Dictionary<string, object>? given;
    ClaimsPrincipal? user;
    X509Certificate2? certificate;

    /// <summary><c>req.owin</c>, by keys of the environment.</summary>
    public IReadOnlyDictionary<string, object> Given
    {
        get
        {
            lock (functions)
                return given ??= NodeKeys(Part(0) as Dictionary<string, object>);
        }
    }

    /// <summary><c>req.user</c>; null: there is none.</summary>
    public ClaimsPrincipal? User
    {
        get
        {
            lock (functions)
                return user ??= Part(1) is List<object> value ? RequestUser.Read(value) : null;
        }
    }

    /// <summary>The certificate the client has shown; null: none.</summary>
    public X509Certificate2? Certificate
    {
        get
        {
            lock (functions)
                return certificate ??= Part(2) is List<object> value ? Load((byte[])value[0]) : null;
        }
    }

    /// <summary>Why the certificate was not accepted; null: it was, or there is none.</summary>
    public Exception? CertificateError
    {
        get
        {
            lock (functions)
                return Part(2) is List<object> value && (string)value[1] is { Length: > 0 } reason
                    ? new AuthenticationException($"The client's certificate was not accepted: {reason}.")
                    : null;
        }
    }

    /// <summary><c>traceparent</c> and <c>tracestate</c> of the span that was active; null: none was.</summary>
    public (string Parent, string State)? Trace
    {
        get
        {
            lock (functions)
                return Part(3) is List<object> value ? ((string)value[0], (string)value[1]) : null;
        }
    }

    /// <summary>What the connection of TLS has agreed on, as TLS and IANA name it; null: nothing, or nobody asks.</summary>
    public (string Protocol, string Suite, string ServerName)? Handshake
    {
        get
        {
            lock (functions)
                return Part(4) is List<object> value ? ((string)value[0], (string)value[1], (string)value[2]) : null;
        }
    }

    public void Close() => functions.Close();

    /// <summary>Values under keys of the environment; a null is no value.</summary>
    public static Dictionary<string, object> NodeKeys(Dictionary<string, object>? values)
    {
        var keys = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in values ?? [])
        {
            if (value != null)
                keys[name.StartsWith("node.", StringComparison.Ordinal) ? name : "node." + name] = value;
        }
        return keys;
    }

    object? Part(int index) => (parts ??= (List<object>)ValueReader.Read(bytes, functions)!)[index];

    static X509Certificate2 Load(byte[] der) =>
#if NET9_0_OR_GREATER
        X509CertificateLoader.LoadCertificate(der);
#else
        new(der);
#endif
}
