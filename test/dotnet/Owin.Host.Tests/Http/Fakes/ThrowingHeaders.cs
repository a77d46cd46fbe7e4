using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Owin.Host.Tests.Http;

/// <summary>Response headers of an app's own making that cannot be read.</summary>
sealed class ThrowingHeaders : IDictionary<string, string[]>
{
    static NotSupportedException Error => new("These headers cannot be read.");

    public string[] this[string key]
    {
        get => throw Error;
        set => throw Error;
    }

    public ICollection<string> Keys => throw Error;
    public ICollection<string[]> Values => throw Error;
    public int Count => throw Error;
    public bool IsReadOnly => throw Error;

    public void Add(string key, string[] value) => throw Error;

    public void Add(KeyValuePair<string, string[]> item) => throw Error;

    public void Clear() => throw Error;

    public bool Contains(KeyValuePair<string, string[]> item) => throw Error;

    public bool ContainsKey(string key) => throw Error;

    public void CopyTo(KeyValuePair<string, string[]>[] array, int arrayIndex) => throw Error;

    public IEnumerator<KeyValuePair<string, string[]>> GetEnumerator() => throw Error;

    IEnumerator IEnumerable.GetEnumerator() => throw Error;

    public bool Remove(string key) => throw Error;

    public bool Remove(KeyValuePair<string, string[]> item) => throw Error;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string[] value) => throw Error;
}
