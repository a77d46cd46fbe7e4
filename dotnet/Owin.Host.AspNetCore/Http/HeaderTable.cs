using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Header = System.Collections.Generic.KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>;

namespace Owin.Host.AspNetCore.Http;

/// <summary>
/// Headers in the order they were set, names compared without case. A value of no lines takes a header away. After
/// <see cref="Lock"/> every change throws.
/// </summary>
internal sealed class HeaderTable : IHeaderDictionary
{
    // Beyond this many names a lookup goes through an index.
    const int LinearLimit = 16;

    Header[] entries = [];
    int count;
    Dictionary<string, int>? index;
    bool locked;

    public int Count => count;
    public bool IsReadOnly => locked;
    public ICollection<string> Keys => Array.ConvertAll(Entries.ToArray(), static each => each.Key);
    public ICollection<StringValues> Values => Array.ConvertAll(Entries.ToArray(), static each => each.Value);

    public ReadOnlySpan<Header> Entries => entries.AsSpan(0, count);

    public void Lock() => locked = true;

    public StringValues this[string key]
    {
        get => TryGetValue(key, out var value) ? value : default;
        set
        {
            ThrowIfLocked();
            if (value.Count == 0)
                Remove(key);
            else if (Find(key) is >= 0 and var at)
                entries[at] = new(entries[at].Key, value);
            else
                Append(key, value);
        }
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no header '{key}'.");
        set => this[key] = value;
    }

    public long? ContentLength
    {
        get => ReadLength(this[HeaderNames.ContentLength]);
        set => this[HeaderNames.ContentLength] = WriteLength(value);
    }

    /// <summary>A Content-Length as a number; null where it is none.</summary>
    public static long? ReadLength(StringValues value) =>
        value.Count == 1 && long.TryParse(value[0], NumberStyles.None, CultureInfo.InvariantCulture, out long length)
            ? length
            : null;

    /// <summary>A Content-Length as text; null is no header.</summary>
    public static StringValues WriteLength(long? value)
    {
        if (value < 0)
            throw new ArgumentOutOfRangeException(nameof(value), value, "A Content-Length cannot be negative.");
        return value is { } length ? HeaderUtilities.FormatNonNegativeInt64(length) : default(StringValues);
    }

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value)
    {
        int at = Find(key);
        value = at < 0 ? default : entries[at].Value;
        return at >= 0;
    }

    public bool ContainsKey(string key) => Find(key) >= 0;

    public void Add(string key, StringValues value)
    {
        ThrowIfLocked();
        if (Find(key) >= 0)
            throw new ArgumentException($"The header '{key}' is there already.", nameof(key));
        Append(key, value);
    }

    /// <summary>Appends a line to the values of its name.</summary>
    public void AddLine(string name, string value)
    {
        int at = Find(name);
        if (at < 0)
            Append(name, value);
        else
            entries[at] = new(entries[at].Key, StringValues.Concat(entries[at].Value, value));
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

    void ICollection<Header>.Add(Header item) => Add(item.Key, item.Value);

    bool ICollection<Header>.Contains(Header item) =>
        TryGetValue(item.Key, out var value) && StringValues.Equals(value, item.Value);

    bool ICollection<Header>.Remove(Header item) => ((ICollection<Header>)this).Contains(item) && Remove(item.Key);

    void ICollection<Header>.CopyTo(Header[] array, int arrayIndex) => Entries.CopyTo(array.AsSpan(arrayIndex));

    public IEnumerator<Header> GetEnumerator()
    {
        for (int i = 0; i < count; i++)
            yield return entries[i];
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

    void Append(string name, StringValues value)
    {
        if (count == entries.Length)
            Array.Resize(ref entries, Math.Max(4, count * 2));
        index?.Add(name, count);
        entries[count++] = new(name, value);
    }

    void ThrowIfLocked()
    {
        if (locked)
            throw new InvalidOperationException("Headers are read-only, response has already started.");
    }
}
