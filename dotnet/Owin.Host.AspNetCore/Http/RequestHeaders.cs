using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Owin.Host.Http;
using Header = System.Collections.Generic.KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// The request's headers, read from the bytes they came in. Looking one up makes text of that one only; whoever goes
/// through all of them, or changes one, makes a table of them.
/// </summary>
internal sealed class RequestHeaders(Exchange exchange) : IHeaderDictionary
{
    HeaderTable? table;

    HeaderTable Table => table ??= ReadAll();

    public StringValues this[string key]
    {
        get => TryGetValue(key, out var value) ? value : default;
        set => Table[key] = value;
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => ((IDictionary<string, StringValues>)Table)[key];
        set => Table[key] = value;
    }

    public long? ContentLength
    {
        get => HeaderTable.ReadLength(this[HeaderNames.ContentLength]);
        set => Table.ContentLength = value;
    }

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value)
    {
        if (table != null)
            return table.TryGetValue(key, out value);
        ArgumentNullException.ThrowIfNull(key);
        value = Other(key) is { } other ? other : Read(key);
        return value.Count > 0;
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public int Count => Table.Count;
    public bool IsReadOnly => false;
    public ICollection<string> Keys => Table.Keys;
    public ICollection<StringValues> Values => Table.Values;

    public void Add(string key, StringValues value) => Table.Add(key, value);

    public bool Remove(string key) => Table.Remove(key);

    public void Clear() => Table.Clear();

    void ICollection<Header>.Add(Header item) => Table.Add(item.Key, item.Value);

    bool ICollection<Header>.Contains(Header item) => ((ICollection<Header>)Table).Contains(item);

    bool ICollection<Header>.Remove(Header item) => ((ICollection<Header>)Table).Remove(item);

    void ICollection<Header>.CopyTo(Header[] array, int arrayIndex) =>
        ((ICollection<Header>)Table).CopyTo(array, arrayIndex);

    public IEnumerator<Header> GetEnumerator() => Table.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    StringValues Read(string key)
    {
        var value = StringValues.Empty;
        var lines = exchange.Head.Lines;
        while (lines.Next(out var name, out var line))
        {
            if (name.Length != key.Length || !Ascii.EqualsIgnoreCase(name, key))
                continue;
            var text = Decode(line);
            value = value.Count == 0 ? text : StringValues.Concat(value, text);
        }
        return value;
    }

    // What the lines do not say: the host that is meant, and the span that is active in JavaScript.
    string? Other(string key) =>
        key.Length switch
        {
            4 when key.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase) => exchange.Head.OtherHost,
            11 when key.Equals(HeaderNames.TraceParent, StringComparison.OrdinalIgnoreCase) => exchange
                .Values
                ?.Trace
                ?.Parent,
            10 when key.Equals(HeaderNames.TraceState, StringComparison.OrdinalIgnoreCase) => exchange
                .Values
                ?.Trace
                ?.State,
            _ => null,
        };

    HeaderTable ReadAll()
    {
        var all = new HeaderTable();
        var lines = exchange.Head.Lines;
        while (lines.Next(out var name, out var line))
        {
            if (!RequestHead.IsPseudo(name))
                all.AddLine(Encoding.Latin1.GetString(name), Decode(line));
        }
        foreach (var name in (ReadOnlySpan<string>)[HeaderNames.Host, HeaderNames.TraceParent, HeaderNames.TraceState])
        {
            if (Other(name) is { } other)
                all[name] = other;
        }
        return all;
    }

    // As Kestrel does; what is no UTF-8 it refuses, but Node has let it through.
    static string Decode(ReadOnlySpan<byte> value) =>
        (Utf8.IsValid(value) ? Encoding.UTF8 : Encoding.Latin1).GetString(value);
}
