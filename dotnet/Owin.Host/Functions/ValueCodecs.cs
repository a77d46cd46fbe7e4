using System.Buffers;
using System.Collections;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Owin.Host.Functions.Codecs;

namespace Owin.Host.Functions;

/// <summary>
/// The codec of each type, made when it is first asked for: generic classes for the parts of a type, of which the
/// runtime compiles code for that type. None is kept longer than its type, so an app whose types cross can be unloaded.
/// <para>Threads: any.</para>
/// </summary>
internal static class ValueCodecs
{
    static readonly ConditionalWeakTable<Type, ValueCodec> Codecs = [];

    /// <summary>The codec of values of no declared type.</summary>
    public static readonly ValueCodec<object?> Object = new ObjectValueCodec();

    public static ValueCodec<T> Get<T>() => Of<T>.Codec;

    /// <summary>Always one; of a type that cannot cross one that says so.</summary>
    public static ValueCodec Get(Type type) =>
        type == typeof(object) ? Object
        : Codecs.TryGetValue(type, out var codec) ? codec
        : Codecs.GetValue(type, Create);

    static ValueCodec Create(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Make(typeof(NullableCodec<>), underlying);
        if (type.IsEnum)
            return Make(typeof(EnumCodec<>), type);
        return Simple(type)
            ?? Arrays(type)
            ?? Handles(type)
            ?? Unsupported(type)
            ?? Collections(type)
            ?? Make(typeof(ObjectCodec<>), type);
    }

    static ValueCodec? Simple(Type type) =>
        Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => new BoolCodec(),
            TypeCode.Char => new CharCodec(),
            TypeCode.String => new StringCodec(),
            TypeCode.Decimal => new DecimalCodec(),
            TypeCode.DateTime => new DateTimeCodec(),
            TypeCode.Single => new FloatCodec<float>(),
            TypeCode.Double => new FloatCodec<double>(),
            TypeCode.SByte => new IntegerCodec<sbyte>(),
            TypeCode.Byte => new IntegerCodec<byte>(),
            TypeCode.Int16 => new IntegerCodec<short>(),
            TypeCode.UInt16 => new IntegerCodec<ushort>(),
            TypeCode.Int32 => new IntegerCodec<int>(),
            TypeCode.UInt32 => new IntegerCodec<uint>(),
            TypeCode.Int64 => new IntegerCodec<long>(),
            TypeCode.UInt64 => new IntegerCodec<ulong>(),
            TypeCode.DBNull => new NullCodec<DBNull>(),
            _ when type == typeof(DateTimeOffset) => new DateTimeOffsetCodec(),
            _ when type == typeof(Guid) => new GuidCodec(),
            _ when type == typeof(Uri) => new UriCodec(),
            _ when type == typeof(TimeSpan) => new TimeSpanCodec(),
            _ when type == typeof(DateOnly) => new DateOnlyCodec(),
            _ when type == typeof(TimeOnly) => new TimeOnlyCodec(),
            _ when type == typeof(Version) => new VersionCodec(),
            _ when type == typeof(Int128) => new IntegerCodec<Int128>(),
            _ when type == typeof(UInt128) => new IntegerCodec<UInt128>(),
            _ when type == typeof(Half) => new FloatCodec<Half>(),
            _ when type.FullName == "System.Numerics.BigInteger" => BigIntegers(),
            _ => null,
        };

    // By itself, so that the library of BigInteger is loaded where there are some.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static IntegerCodec<BigInteger> BigIntegers() => new();

    static ValueCodec? Arrays(Type type)
    {
        if (type.IsSZArray)
            return Make(typeof(ArrayCodec<>), type.GetElementType()!);
        if (!type.IsGenericType)
            return null;
        var item = type.GetGenericArguments()[0];
        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(Memory<>))
            return Make(typeof(MemoryCodec<>), item);
        if (definition == typeof(ReadOnlyMemory<>))
            return Make(typeof(ReadOnlyMemoryCodec<>), item);
        if (definition == typeof(ReadOnlySequence<>))
            return Make(typeof(ReadOnlySequenceCodec<>), item);
        return definition == typeof(ArraySegment<>) ? Make(typeof(ArraySegmentCodec<>), item) : null;
    }

    // What lives on one side, and is called from the other.
    static ValueCodec? Handles(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)) && type != typeof(MulticastDelegate))
            return Make(typeof(DelegateCodec<>), type);
        if (type == typeof(CancellationToken))
            return new CancellationTokenCodec();
        if (type.IsAssignableTo(typeof(Stream)))
            return Make(typeof(StreamCodec<>), type);
        if (
            type.FullName == "System.IO.Pipelines.PipeReader"
            || type.BaseType?.FullName == "System.IO.Pipelines.PipeReader"
        )
            return Make(typeof(PipeReaderCodec<>), type);
        if (ResultTypes.Result(type) is var result && result != type)
            return result == typeof(void) ? Make(typeof(TaskCodec<>), type) : Make(typeof(TaskCodec<,>), type, result);
        if (!type.IsGenericType)
            return Interface(type, typeof(IAsyncEnumerable<>)) is { } items ? Iterable(type, items[0]) : null;
        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(Batch<>))
            return Make(typeof(BatchCodec<>), type.GetGenericArguments());
        if (definition == typeof(IProgress<>))
            return Make(typeof(ProgressCodec<>), type.GetGenericArguments());
        return Interface(type, typeof(IAsyncEnumerable<>)) is { } others ? Iterable(type, others[0]) : null;
    }

    // What a method with yield returns is a class of its own.
    static ValueCodec Iterable(Type type, Type item) =>
        type.IsInterface
            ? Make(typeof(AsyncEnumerableCodec<>), item)
            : Make(typeof(AsyncEnumerableCodec<,>), type, item);

    static ValueCodec? Collections(Type type)
    {
        if (type.IsArray)
            return Make(typeof(UnsupportedCodec<>), type);
        if (Interface(type, typeof(IDictionary<,>)) is { } dictionary)
            return Make(typeof(DictionaryCodec<,,>), [type, .. dictionary]);
        if (Interface(type, typeof(IReadOnlyDictionary<,>)) is { } readOnly)
            return Make(typeof(DictionaryCodec<,,>), [type, .. readOnly]);
        if (type.IsAssignableTo(typeof(IDictionary)))
            return Make(typeof(UntypedDictionaryCodec<>), type);
        if (Interface(type, typeof(IEnumerable<>)) is { } items)
        {
            // What yields the pairs of a dictionary is one.
            bool pairs = items[0].IsGenericType && items[0].GetGenericTypeDefinition() == typeof(KeyValuePair<,>);
            return pairs && items[0].GetGenericArguments()[0] == typeof(string) && !type.IsInterface
                ? Make(typeof(DictionaryCodec<,,>), [type, .. items[0].GetGenericArguments()])
                : Make(typeof(EnumerableCodec<,>), [type, .. items]);
        }
        return type.IsAssignableTo(typeof(IEnumerable)) ? Make(typeof(UntypedEnumerableCodec<>), type) : null;
    }

    static ValueCodec? Unsupported(Type type)
    {
        bool unsupported =
            type.IsAssignableTo(typeof(MemberInfo))
            || type.IsAssignableTo(typeof(Assembly))
            || type.IsAssignableTo(typeof(Delegate))
            || type.IsAssignableTo(typeof(WaitHandle))
            || type.IsAssignableTo(typeof(System.Runtime.InteropServices.SafeHandle))
            || type == typeof(nint)
            || type == typeof(nuint);
        return unsupported ? Make(typeof(UnsupportedCodec<>), type) : null;
    }

    // Statics of a generic class over a type that is unloaded go with it.
    static class Of<T>
    {
        public static readonly ValueCodec<T> Codec = (ValueCodec<T>)Get(typeof(T));
    }

    static Type[]? Interface(Type type, Type definition) =>
        type.GetInterfaces()
            .Prepend(type)
            .FirstOrDefault(each => each.IsGenericType && each.GetGenericTypeDefinition() == definition)
            ?.GetGenericArguments();

    static ValueCodec Make(Type definition, params Type[] arguments) =>
        (ValueCodec)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}
