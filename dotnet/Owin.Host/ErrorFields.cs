using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Owin.Host.Functions;

namespace Owin.Host;

/// <summary>
/// An exception as text fields, the only form in which one leaves .NET. Every exception of the tree, parents
/// first, is nine fields: depth, relation ("" | "cause" | "errors"), name, message, stack, code, hresult, data: names
/// and values of its Data, each behind a unit separator, and what JavaScript knows it as: a negative number is that of
/// an error of its own, which comes back to it, a positive one that of the exception, which .NET holds for it.
/// <para>The tree is cut at <see cref="MaxDepth" /> levels and <see cref="MaxNodes" /> exceptions, and where
/// an exception contains itself. TargetInvocationException is left out, what it wraps takes its place.</para>
/// </summary>
internal static class ErrorFields
{
    public const int FieldsPerError = 9;
    public const char DataSeparator = '\u001f';
    public const int MaxDepth = 64;
    public const int MaxNodes = 256;

    // An app may put anything there.
    const int MaxDataLength = 4096;

    const string OwinErrorName = "OwinError";

    /// <param name="exception">Also what it contains is written.</param>
    /// <param name="environment">The JavaScript environment that will read it; 0: any.</param>
    /// <param name="held">The number under which that environment holds the exception; 0: it does not.</param>
    public static string[] Write(Exception exception, ulong environment = 0, int held = 0)
    {
        var fields = new List<string>(FieldsPerError);
        Write(fields, [], exception, "", environment);
        if (held != 0)
            fields[FieldsPerError - 1] = held.ToString(CultureInfo.InvariantCulture);
        return [.. fields];
    }

    static void Write(
        List<string> fields,
        List<Exception> ancestors,
        Exception exception,
        string relation,
        ulong environment
    )
    {
        exception = Unwrap(exception);
        if (ancestors.Count == MaxDepth || fields.Count == MaxNodes * FieldsPerError || Contains(ancestors, exception))
            return;

        var owinError = exception as OwinException;
        fields.Add(ancestors.Count.ToString(CultureInfo.InvariantCulture));
        fields.Add(relation);
        fields.Add(owinError != null ? OwinErrorName : exception.GetType().ToString());
        fields.Add(Read(exception, static e => e.Message, nameof(exception.Message)));
        fields.Add(Read(exception, static e => e.StackTrace, nameof(exception.StackTrace)));
        fields.Add(owinError?.Code ?? "");
        fields.Add(exception.HResult.ToString(CultureInfo.InvariantCulture));
        fields.Add(Read(exception, Data, nameof(exception.Data)));
        fields.Add((exception as JsException)?.NumberIn(environment).ToString(CultureInfo.InvariantCulture) ?? "0");

        ancestors.Add(exception);
        if (exception is AggregateException aggregate)
        {
            foreach (var inner in aggregate.InnerExceptions)
                Write(fields, ancestors, inner, "errors", environment);
        }
        else
        {
            if (exception.InnerException is { } cause)
                Write(fields, ancestors, cause, "cause", environment);
            if (exception is ReflectionTypeLoadException typeLoad)
            {
                foreach (var inner in typeLoad.LoaderExceptions)
                {
                    if (inner != null)
                        Write(fields, ancestors, inner, "errors", environment);
                }
            }
        }
        ancestors.RemoveAt(ancestors.Count - 1);
    }

    // What has a text of its own, that is: not the objects that some put there for their own use.
    static string Data(Exception exception)
    {
        var text = new StringBuilder();
        foreach (DictionaryEntry entry in exception.Data)
        {
            if (entry is not { Key: string name, Value: IConvertible value } || text.Length > MaxDataLength)
                continue;
            foreach (var part in (ReadOnlySpan<string>)[name, value.ToString(CultureInfo.InvariantCulture)])
                text.Append(DataSeparator).Append(part.Replace(DataSeparator, ' '));
        }
        return text.ToString();
    }

    static Exception Unwrap(Exception exception)
    {
        for (var i = 0; i < MaxDepth && exception is TargetInvocationException { InnerException: { } inner }; i++)
            exception = inner;
        return exception;
    }

    static bool Contains(List<Exception> ancestors, Exception exception)
    {
        foreach (var ancestor in ancestors)
        {
            if (ReferenceEquals(ancestor, exception))
                return true;
        }
        return false;
    }

    // An app's exception may override these getters, and throw in them.
    static string Read(Exception exception, Func<Exception, string?> getter, string name)
    {
        try
        {
            return getter(exception) ?? "";
        }
        catch (Exception error)
        {
            return $"({name} could not be read: it threw {error.GetType()})";
        }
    }
}
