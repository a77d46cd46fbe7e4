using System.Reflection;
using System.Text;

namespace Owin.Host.Functions.Codecs;

/// <summary>A property or field of a type as it crosses, through delegates on its accessors.</summary>
internal abstract class Member<T>
{
    protected Member(MemberInfo member)
    {
        ClrName = member.Name;
        Name = JsonAttributes.NameOf(member);
        NameBytes = Encode(Name);
        ClrNameBytes = Encode(ClrName);
        Ignore = JsonAttributes.IgnoreOf(member);
        Required = JsonAttributes.IsRequired(member);
    }

    public string ClrName { get; }

    /// <summary>The name in JavaScript.</summary>
    public string Name { get; }

    /// <summary>That name as it crosses.</summary>
    public byte[] NameBytes { get; }

    protected byte[] ClrNameBytes { get; }

    protected JsonAttributes.Ignore Ignore { get; }

    public bool Required { get; }

    public abstract Type Type { get; }

    /// <summary>Whether it has a getter.</summary>
    public abstract bool CanWrite { get; }

    /// <summary>Whether it has a setter.</summary>
    public abstract bool CanRead { get; }

    /// <summary>Writes name and value; false: it is left out.</summary>
    public abstract bool Write(ValueWriter writer, ref T target);

    /// <summary>Reads the value into an instance; one that has no setter is passed over.</summary>
    public abstract void Read(ref ValueReader reader, ref T target);

    public abstract object? ReadObject(ref ValueReader reader);

    public abstract void SetObject(ref T target, object? value);

    public static Member<T> Create(MemberInfo member)
    {
        var type = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
        if (type.IsByRef || type.IsPointer || type.IsByRefLike)
            type = typeof(nint);
        var made = typeof(Member<,>).MakeGenericType(typeof(T), type);
        return (Member<T>)Activator.CreateInstance(made, member)!;
    }

    static byte[] Encode(string name)
    {
        using var writer = ValueWriter.Rent();
        writer.Text(name);
        return writer.Written.ToArray();
    }
}

internal sealed class Member<T, TValue> : Member<T>
{
    delegate TValue Getter(T target);

    delegate TValue StructGetter(ref T target);

    delegate void Setter(T target, TValue value);

    delegate void StructSetter(ref T target, TValue value);

    readonly StructGetter? get;
    readonly StructSetter? set;
    ValueCodec<TValue>? codec;

    public Member(MemberInfo member)
        : base(member)
    {
        if (member is FieldInfo field)
        {
            get = (ref T target) => (TValue)field.GetValue(target)!;
            set = (ref T target, TValue value) => SetField(field, ref target, value);
            return;
        }
        var property = (PropertyInfo)member;
        bool all = JsonAttributes.Find(property, "JsonIncludeAttribute") != null;
        if (property.PropertyType != typeof(TValue))
            get = (ref T target) => default!;
        else if (property.GetGetMethod(all) is { } getter)
            get = Bind(getter);
        if (property.PropertyType == typeof(TValue) && property.GetSetMethod(all) is { } setter)
            set = BindSetter(setter);
    }

    public override Type Type => typeof(TValue);

    public override bool CanWrite => get != null;

    public override bool CanRead => set != null;

    ValueCodec<TValue> Codec => codec ??= ValueCodecs.Get<TValue>();

    public override bool Write(ValueWriter writer, ref T target)
    {
        var value = get!(ref target);
        if (
            Ignore != JsonAttributes.Ignore.Never
            && (
                value == null
                || (
                    Ignore == JsonAttributes.Ignore.WhenDefault
                    && EqualityComparer<TValue>.Default.Equals(value, default)
                )
            )
        )
            return false;
        writer.Bytes((writer.Rules & ValueRules.ClrNames) != 0 ? ClrNameBytes : NameBytes);
        Codec.Write(writer, value);
        return true;
    }

    public override void Read(ref ValueReader reader, ref T target)
    {
        if (set == null)
            reader.Skip();
        else
            set(ref target, Codec.Read(ref reader));
    }

    public override object? ReadObject(ref ValueReader reader) => Codec.Read(ref reader);

    public override void SetObject(ref T target, object? value) => set?.Invoke(ref target, (TValue)value!);

    static StructGetter Bind(MethodInfo method)
    {
        if (typeof(T).IsValueType)
            return method.CreateDelegate<StructGetter>();
        var bound = method.CreateDelegate<Getter>();
        return (ref T target) => bound(target);
    }

    static StructSetter BindSetter(MethodInfo method)
    {
        if (typeof(T).IsValueType)
            return method.CreateDelegate<StructSetter>();
        var bound = method.CreateDelegate<Setter>();
        return (ref T target, TValue value) => bound(target, value);
    }

    static void SetField(FieldInfo field, ref T target, TValue value)
    {
        object boxed = target!;
        field.SetValue(boxed, value);
        target = (T)boxed;
    }
}
