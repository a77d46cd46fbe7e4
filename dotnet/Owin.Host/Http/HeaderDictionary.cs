using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Owin.Host.Http;

/// <summary>
/// Headers in the order they came, names compared without case. Arrays go in and out as copies: a change persists
/// only by assigning it. After <see cref="Lock"/> every change throws.
/// </summary>
internal sealed class HeaderDictionary : IDictionary<string, string[]>
{
    // Beyond this many names a lookup goes through an index.
    const int LinearLimit = 16;

    KeyValuePair<string, string[]>[] entries = [];
    int count;
    Dictionary<string, int>? index;
    bool locked;

    public int Count => count;
    public bool IsReadOnly => locked;
    public ICollection<string> Keys => Array.ConvertAll(Entries.ToArray(), each => each.Key);
    public ICollection<string[]> Values => Array.ConvertAll(Entries.ToArray(), each => Copy(each.Value));

    /// <summary>The lines themselves, not copies; for the server's own reading.</summary>
    public ReadOnlySpan<KeyValuePair<string, string[]>> Entries => entries.AsSpan(0, count);

    public string[] this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no header '{key}'.");
        set
        {
            ThrowIfLocked();
            int at = Find(key);
            if (at < 0)
                Append(key, Copy(value));
            else
                entries[at] = new(entries[at].Key, Copy(value));
        }
    }

    /// <summary>Appends one line to the values of its name.</summary>
    public void AddLine(string name, string value)
    {
        int at = Find(name);
        if (at < 0)
            Append(name, [value]);
        else
            entries[at] = new(entries[at].Key, [.. entries[at].Value, value]);
    }

    public void Lock() => locked = true;

    public void Add(string key, string[] value)
    {
        ThrowIfLocked();
        if (Find(key) >= 0)
            throw new ArgumentException($"The header '{key}' is there already.", nameof(key));
        Append(key, Copy(value));
    }

    public bool Remove(string key)
    {
        ThrowIfLocked();
        int at = Find(key);
        if (at < 0)
            return false;
        Array.Copy(entries, at + 1, entries, at, --count - at);
        entries[count] = default;
        index = null;
        return true;
    }

    public void Clear()
    {
        ThrowIfLocked();
        entries = [];
        count = 0;
        index = null;
    }

    public bool ContainsKey(string key) => Find(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string[] value)
    {
        int at = Find(key);
        value = at < 0 ? null : Copy(entries[at].Value);
        return at >= 0;
    }

    void ICollection<KeyValuePair<string, string[]>>.Add(KeyValuePair<string, string[]> item) =>
        Add(item.Key, item.Value);

    bool ICollection<KeyValuePair<string, string[]>>.Contains(KeyValuePair<string, string[]> item) =>
        Find(item.Key) is >= 0 and var at && Same(entries[at].Value, item.Value);

    bool ICollection<KeyValuePair<string, string[]>>.Remove(KeyValuePair<string, string[]> item)
    {
        ThrowIfLocked();
        return Find(item.Key) is >= 0 and var at && Same(entries[at].Value, item.Value) && Remove(item.Key);
    }

    public void CopyTo(KeyValuePair<string, string[]>[] array, int arrayIndex)
    {
        foreach (var entry in this)
            array[arrayIndex++] = entry;
    }

    public IEnumerator<KeyValuePair<string, string[]>> GetEnumerator()
    {
        for (int i = 0; i < count; i++)
            yield return new(entries[i].Key, Copy(entries[i].Value));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    int Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (count > LinearLimit)
            return Index().TryGetValue(name, out int at) ? at : -1;
        for (int i = 0; i < count; i++)
        {
            if (string.Equals(entries[i].Key, name, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    Dictionary<string, int> Index()
    {
        if (index == null)
        {
            index = new(count * 2, StringComparer.OrdinalIgnoreCase);
            for (int i = 0; i < count; i++)
                index.Add(entries[i].Key, i);
        }
        return index;
    }

    void Append(string name, string[] value)
    {
        if (count == entries.Length)
            Array.Resize(ref entries, Math.Max(4, count * 2));
        index?.Add(name, count);
        entries[count++] = new(name, value);
    }

    static string[] Copy(string[] value) =>
        value == null ? null!
        : value.Length == 0 ? value
        : (string[])value.Clone();

    static bool Same(string[] a, string[] b) => a == null ? b == null : b != null && a.AsSpan().SequenceEqual(b);

    void ThrowIfLocked()
    {
        if (locked)
            throw new InvalidOperationException("The response has started: its headers have been sent.");
    }
}
