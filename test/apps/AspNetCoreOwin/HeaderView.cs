using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace Microsoft.AspNetCore.Owin;

/// ASP.NET Core's headers as OWIN has them.
sealed class HeaderView(IHeaderDictionary inner) : IDictionary<string, string[]>
{
    public static IHeaderDictionary Unwrap(object headers)
    {
        if (headers is HeaderView view)
            return view.Inner;
        var copy = new HeaderDictionary();
        foreach (var (name, values) in (IDictionary<string, string[]>)headers)
            copy[name] = values;
        return copy;
    }

    IHeaderDictionary Inner => inner;

    public string[] this[string name]
    {
        get => TryGetValue(name, out var values) ? values : throw new KeyNotFoundException(name);
        set => inner[name] = value;
    }

    public bool TryGetValue(string name, [MaybeNullWhen(false)] out string[] values)
    {
        bool found = inner.TryGetValue(name, out var given);
        values = found ? (string[])given.ToArray()! : null;
        return found;
    }

    public ICollection<string> Keys => inner.Keys;
    public ICollection<string[]> Values => [.. inner.Values.Select(each => (string[])each.ToArray()!)];
    public int Count => inner.Count;
    public bool IsReadOnly => inner.IsReadOnly;

    public void Add(string name, string[] values) => inner.Add(new(name, values));

    public void Add(KeyValuePair<string, string[]> item) => Add(item.Key, item.Value);

    public bool ContainsKey(string name) => inner.ContainsKey(name);

    public bool Contains(KeyValuePair<string, string[]> item) =>
        TryGetValue(item.Key, out var values) && values.SequenceEqual(item.Value);

    public bool Remove(string name) => inner.Remove(name);

    public bool Remove(KeyValuePair<string, string[]> item) => Contains(item) && Remove(item.Key);

    public void Clear() => inner.Clear();

    public void CopyTo(KeyValuePair<string, string[]>[] array, int index)
    {
        foreach (var item in this)
            array[index++] = item;
    }

    public IEnumerator<KeyValuePair<string, string[]>> GetEnumerator() =>
        inner.Select(each => KeyValuePair.Create(each.Key, each.Value.ToArray()!)).GetEnumerator()!;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
