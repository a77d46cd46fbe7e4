using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Functions.Codecs;

/// <summary>
/// Classes, records and structs as objects, by the rules of System.Text.Json: public properties in camelCase, a
/// constructor whose parameters are called as the properties, <c>required</c>, and its attributes, which are known by
/// their names. Names that no property has are passed over. A Map whose keys are texts is taken as an object.
/// </summary>
internal sealed class ObjectCodec<T> : ValueCodec<T?>
{
    // Made at the first value: a type may lie in itself.
    readonly Lazy<ObjectShape<T>> shape = new(() => new());

    public override T? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag == ValueTag.Null && default(T) == null)
            return default;
        if (tag is not (ValueTag.Dictionary or ValueTag.Map))
            throw Wrong(ref reader, tag);
        bool isMap = tag == ValueTag.Map;
        var shape = this.shape.Value;
        if (shape.Fault is { } fault)
            throw new MarshalException(fault);
        reader.Enter();
        var made =
            shape.Constructor == null
                ? ReadInto(ref reader, shape, isMap)
                : ReadForConstructor(ref reader, shape, isMap);
        reader.Leave();
        return made;
    }

    public override void Write(ValueWriter writer, T? value)
    {
        if (value == null)
        {
            writer.Tag(ValueTag.Null);
            return;
        }
        var members = shape.Value.Written;
        writer.Enter(typeof(T).IsValueType ? null : value);
        writer.Tag(ValueTag.Dictionary);
        int at = writer.Reserve();
        int count = 0;
        foreach (var member in members)
        {
            try
            {
                if (member.Write(writer, ref value))
                    count++;
            }
            catch (MarshalException error) when (error.In(member.Name)) { }
        }
        writer.SetInt(at, count);
        writer.Leave();
    }

    T ReadInto(ref ValueReader reader, ObjectShape<T> shape, bool isMap)
    {
        var target = Activator.CreateInstance<T>();
        int expected = 0;
        var missing = shape.RequiredCount > 0 ? new HashSet<Member<T>>(shape.Required) : null;
        for (int left = reader.Count(); left > 0; left--)
        {
            if (isMap && reader.Tag() is var key and not ValueTag.String)
                throw Wrong($"has a key that is {ValueDescription.Of(ref reader, key)}");
            var member = shape.Find(ref reader, ref expected);
            if (member == null)
            {
                reader.Skip();
                continue;
            }
            try
            {
                member.Read(ref reader, ref target);
            }
            catch (MarshalException error) when (error.In(member.Name)) { }
            missing?.Remove(member);
        }
        Check(missing);
        return target;
    }

    T ReadForConstructor(ref ValueReader reader, ObjectShape<T> shape, bool isMap)
    {
        var given = new Dictionary<Member<T>, object?>();
        int expected = 0;
        for (int left = reader.Count(); left > 0; left--)
        {
            if (isMap && reader.Tag() is var key and not ValueTag.String)
                throw Wrong($"has a key that is {ValueDescription.Of(ref reader, key)}");
            var member = shape.Find(ref reader, ref expected);
            if (member == null)
            {
                reader.Skip();
                continue;
            }
            try
            {
                given[member] = member.ReadObject(ref reader);
            }
            catch (MarshalException error) when (error.In(member.Name)) { }
        }
        if (shape.RequiredCount > 0)
            Check(new HashSet<Member<T>>(shape.Required.Where(each => !given.ContainsKey(each))));
        var arguments = new object?[shape.Parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            var (member, fallback) = shape.Parameters[i];
            arguments[i] = member != null && given.Remove(member, out var value) ? value : fallback;
        }
        var made = (T)shape.Constructor!.Invoke(arguments.AsSpan());
        foreach (var (member, value) in given)
            member.SetObject(ref made, value);
        return made;
    }

    static void Check(HashSet<Member<T>>? missing)
    {
        if (missing?.Count > 0)
            throw new MarshalException(
                $"has no {string.Join(", no ", missing.Select(each => $"'{each.Name}'"))}, which {TypeNames.Show(typeof(T))} requires"
            );
    }
}
