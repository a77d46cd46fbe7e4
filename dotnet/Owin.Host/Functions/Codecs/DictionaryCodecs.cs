using System.Collections;
using System.Dynamic;

namespace Owin.Host.Functions.Codecs;

/// <summary>
/// Dictionaries: plain objects where the keys are strings, Maps otherwise. Both are taken; the name of a property
/// becomes the key that it is as a text.
/// </summary>
internal sealed class DictionaryCodec<TDictionary, TKey, TValue> : ValueCodec<TDictionary?>
    where TKey : notnull
    where TDictionary : IEnumerable<KeyValuePair<TKey, TValue>>
{
    static readonly bool Named = typeof(TKey) == typeof(string);

    ValueCodec<TKey>? key;
    ValueCodec<TValue>? item;

    ValueCodec<TKey> Key => key ??= ValueCodecs.Get<TKey>();

    ValueCodec<TValue> Item => item ??= ValueCodecs.Get<TValue>();

    public override TDictionary? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag == ValueTag.Null && default(TDictionary) == null)
            return default;
        if (tag is not (ValueTag.Dictionary or ValueTag.Map))
            throw Wrong(ref reader, tag);
        var made = Make();
        var dictionary = (IDictionary<TKey, TValue>)made;
        reader.Enter();
        for (int left = reader.Count(); left > 0; left--)
        {
            var name = tag == ValueTag.Map ? Key.Read(ref reader) : Key.FromText(reader.Text());
            if (name is null)
                throw Wrong("has the key null");
            try
            {
                dictionary[name] = Item.Read(ref reader);
            }
            catch (MarshalException error) when (error.In(name.ToString()!)) { }
        }
        reader.Leave();
        return made;
    }

    public override void Write(ValueWriter writer, TDictionary? value)
    {
        if (value == null)
        {
            writer.Tag(ValueTag.Null);
            return;
        }
        writer.Enter(value);
        writer.Tag(Named ? ValueTag.Dictionary : ValueTag.Map);
        int at = writer.Reserve();
        int count = 0;
        foreach (var (name, item) in value)
        {
            if (name is string text)
                writer.Text(text);
            else
                Key.Write(writer, name);
            try
            {
                Item.Write(writer, item);
            }
            catch (MarshalException error) when (error.In(name.ToString()!)) { }
            count++;
        }
        writer.SetInt(at, count);
        writer.Leave();
    }

    TDictionary Make()
    {
        if (typeof(TDictionary).IsAssignableFrom(typeof(Dictionary<TKey, TValue>)))
            return (TDictionary)(object)new Dictionary<TKey, TValue>();
        bool makes = !typeof(TDictionary).IsAbstract && typeof(TDictionary).GetConstructor([]) != null;
        return makes && typeof(TDictionary).IsAssignableTo(typeof(IDictionary<TKey, TValue>))
            ? Activator.CreateInstance<TDictionary>()
            : throw Wrong("is an object, which .NET cannot make one of");
    }
}

/// <summary>Hashtables and their like: an object where all keys are strings, else a Map.</summary>
internal sealed class UntypedDictionaryCodec<TDictionary> : ValueCodec<TDictionary?>
    where TDictionary : IDictionary
{
    public override TDictionary? Read(ref ValueReader reader)
    {
        if (reader.Peek() == ValueTag.Null)
            return (TDictionary?)ValueCodecs.Object.Read(ref reader);
        var entries = ValueCodecs.Get<Dictionary<object, object?>>().Read(ref reader)!;
        if (entries is TDictionary same)
            return same;
        if (typeof(TDictionary).IsAbstract || typeof(TDictionary).GetConstructor([]) == null)
            throw Wrong("is an object, which .NET cannot make one of");
        var made = Activator.CreateInstance<TDictionary>();
        foreach (var (key, value) in entries)
            made[key] = value;
        return made;
    }

    public override void Write(ValueWriter writer, TDictionary? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else if (value.Keys.Cast<object>().All(each => each is string))
            Named.Write(writer, Pairs(value).ToDictionary(each => (string)each.Key, each => each.Value));
        else
            Keyed.Write(writer, Pairs(value).ToDictionary());
    }

    static ValueCodec<Dictionary<string, object?>> Named => ValueCodecs.Get<Dictionary<string, object?>>();

    static ValueCodec<Dictionary<object, object?>> Keyed => ValueCodecs.Get<Dictionary<object, object?>>();

    static IEnumerable<KeyValuePair<object, object?>> Pairs(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
            yield return new(entry.Key, entry.Value);
    }
}
