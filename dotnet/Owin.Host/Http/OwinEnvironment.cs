using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Security.Principal;

namespace Owin.Host.Http;

/// <summary>
/// The dictionary an app gets. A known key has a slot, filled when it is first read; unknown keys live in a side
/// dictionary made when it is needed, and startup properties are seen through where the app set nothing.
/// New for each request and never used again: an app may keep it.
/// </summary>
internal sealed partial class OwinEnvironment(Exchange exchange) : ExchangeView, IDictionary<string, object>
{
    static readonly object Removed = new();
    static readonly object Null = new();

    Slots slots;
    Dictionary<string, object>? others;
    bool newUser;

    public object this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no key '{key}'.");
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Set(key, value ?? Null);
        }
    }

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        int slot = SlotOf(key);
        object? found;
        if (slot >= 0)
            found = slots[slot] ??= Initial(slot);
        else if (others == null || !others.TryGetValue(key, out found))
            found = RareOrGiven(key);
        value = found == Null || found == Removed ? null : found;
        return found != null && found != Removed;
    }

    // A rare key keeps the value it was first read with; what was given is seen through.
    object? RareOrGiven(string key)
    {
        if (RareKeys.Initial(key, exchange) is { } rare)
            return (others ??= [])[key] = rare;
        if (exchange.Values is { } values && values.Given.TryGetValue(key, out var fromJs))
            return fromJs;
        return exchange.App.Properties.TryGetValue(key, out var given) ? given : null;
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public void Add(string key, object value)
    {
        if (ContainsKey(key))
            throw new ArgumentException($"The key '{key}' is there already.", nameof(key));
        this[key] = value;
    }

    public bool Remove(string key)
    {
        if (!ContainsKey(key))
            return false;
        Set(key, Removed);
        return true;
    }

    public void Clear()
    {
        foreach (var key in Keys)
            Remove(key);
    }

    public int Count => Keys.Count;
    public bool IsReadOnly => false;

    public ICollection<string> Keys
    {
        get
        {
            var keys = new List<string>();
            foreach (var key in KnownKeys)
                AddIfPresent(key);
            var unknown = new HashSet<string>(RareKeys.All, StringComparer.Ordinal);
            unknown.UnionWith(exchange.App.Properties.Keys);
            unknown.UnionWith((IEnumerable<string>?)exchange.Values?.Given.Keys ?? []);
            unknown.UnionWith((IEnumerable<string>?)others?.Keys ?? []);
            foreach (var key in unknown)
            {
                if (SlotOf(key) < 0)
                    AddIfPresent(key);
            }
            return keys;

            void AddIfPresent(string key)
            {
                if (ContainsKey(key))
                    keys.Add(key);
            }
        }
    }

    public ICollection<object> Values
    {
        get
        {
            var values = new List<object>();
            foreach (var (_, value) in this)
                values.Add(value);
            return values;
        }
    }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
    {
        foreach (var key in Keys)
        {
            if (TryGetValue(key, out var value))
                yield return new(key, value);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void ICollection<KeyValuePair<string, object>>.Add(KeyValuePair<string, object> item) => Add(item.Key, item.Value);

    public bool Contains(KeyValuePair<string, object> item) =>
        TryGetValue(item.Key, out var value) && Equals(value, item.Value);

    public bool Remove(KeyValuePair<string, object> item) => Contains(item) && Remove(item.Key);

    public void CopyTo(KeyValuePair<string, object>[] array, int arrayIndex)
    {
        foreach (var entry in this)
            array[arrayIndex++] = entry;
    }

    void Set(string key, object value)
    {
        int slot = SlotOf(key);
        if (slot < 0)
        {
            (others ??= [])[key] = value;
            return;
        }
        slots[slot] = value;
        // One user under two names.
        newUser |= slot is RequestUser or ServerUser;
        if (slot == RequestUser)
            slots[ServerUser] = value;
        else if (slot == ServerUser)
            slots[RequestUser] = value is IPrincipal user and not ClaimsPrincipal ? new ClaimsPrincipal(user) : value;
    }

    object? Current(int slot)
    {
        var value = slots[slot];
        return value == Removed || value == Null ? null : value;
    }
}
