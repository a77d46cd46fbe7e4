using System.Collections;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Routing;
using Owin.Host.Http;

namespace Owin.Host.AspNetCore.Http;

/// <summary>The collection: a slot for each feature that requests usually have, a list for what else is set.</summary>
internal sealed partial class ExchangeFeatures : IFeatureCollection
{
    // In the order of how often they are asked for.
    static readonly Type[] Known =
    [
        typeof(IHttpRequestFeature),
        typeof(IHttpResponseFeature),
        typeof(IHttpResponseBodyFeature),
        typeof(IEndpointFeature),
        typeof(IRouteValuesFeature),
        typeof(IServiceProvidersFeature),
        typeof(IItemsFeature),
        typeof(IQueryFeature),
        typeof(IHttpAuthenticationFeature),
        typeof(IHttpRequestLifetimeFeature),
        typeof(IHttpConnectionFeature),
        typeof(IHttpUpgradeFeature),
        typeof(IHttpRequestIdentifierFeature),
        typeof(IRequestBodyPipeFeature),
        typeof(IHttpRequestBodyDetectionFeature),
        typeof(IHttpBodyControlFeature),
        typeof(IHttpMaxRequestBodySizeFeature),
        typeof(IHttpRequestTrailersFeature),
        typeof(IHttpResponseTrailersFeature),
        typeof(ITlsConnectionFeature),
        typeof(IHttpResetFeature),
        typeof(IHttpExtendedConnectFeature),
        typeof(IPersistentStateFeature),
        typeof(ITlsHandshakeFeature),
        typeof(IFormFeature),
        typeof(IResponseCookiesFeature),
        typeof(IHttpWebSocketFeature),
        typeof(ISessionFeature),
    ];

    const int SlotCount = 28;
    const int Items = 6;

    [InlineArray(SlotCount)]
    struct Slots
    {
        object? first;
    }

    static readonly object Removed = new();

    Slots slots;
    List<KeyValuePair<Type, object>>? others;

    public bool IsReadOnly => false;
    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            int slot = SlotOf(key);
            return slot >= 0 ? Slot(slot) : Other(key);
        }
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Revision++;
            int slot = SlotOf(key);
            if (slot >= 0)
                slots[slot] = value ?? Removed;
            else
                SetOther(key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (Slot(slot) is { } feature)
                yield return new(Known[slot], feature);
        }
        foreach (var other in others ?? [])
            yield return other;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    object? Slot(int slot)
    {
        var feature = slots[slot] ??= Initial(slot) ?? Removed;
        return feature == Removed ? null : feature;
    }

    // What is there without anybody having set it. The rest comes from hosting and middleware.
    object? Initial(int slot) =>
        slot switch
        {
            Items => CreateItems(),
            18 => exchange.Head.TakesTrailers ? this : null,
            19 => exchange.IsSecure ? this : null,
            20 or 21 => exchange.Head.IsHttp2 ? this : null,
            22 => this,
            23 => exchange.Values?.Handshake is { } handshake ? new TlsHandshake(handshake) : null,
            <= 4 or >= 8 and <= 17 => this,
            _ => null,
        };

    static int SlotOf(Type key)
    {
        if (key == typeof(IHttpRequestFeature))
            return 0;
        if (key == typeof(IHttpResponseFeature))
            return 1;
        if (key == typeof(IHttpResponseBodyFeature))
            return 2;
        if (key == typeof(IEndpointFeature))
            return 3;
        if (key == typeof(IRouteValuesFeature))
            return 4;
        return Array.IndexOf(Known, key, 5);
    }

    object? Other(Type key)
    {
        foreach (var (type, feature) in others ?? [])
        {
            if (type == key)
                return feature;
        }
        return null;
    }

    void SetOther(Type key, object? value)
    {
        others ??= [];
        int at = others.FindIndex(each => each.Key == key);
        if (at >= 0)
            others.RemoveAt(at);
        if (value != null)
            others.Add(new(key, value));
    }
}
