using System.Reflection;
using System.Runtime.InteropServices;

namespace Owin.Host.Functions;

/// <summary>Reads the argument of one parameter. Threads: any; what belongs to a call is in the call.</summary>
internal abstract class Parameter<T>
{
    public abstract T Read(ref ValueReader reader, FunctionCall call);
}

/// <summary>A parameter that JavaScript gives a value.</summary>
internal sealed class ValueParameter<T>(ParameterInfo parameter, int index) : Parameter<T>
{
    readonly ValueCodec<T> codec = ValueCodecs.Get<T>();
    readonly string path = $"$.{parameter.Name}";
    readonly T? otherwise = parameter.HasDefaultValue ? DefaultOf(parameter) : default;

    public override T Read(ref ValueReader reader, FunctionCall call)
    {
        if (index >= call.ArgumentCount)
            return otherwise!;
        return codec.Read(ref reader, path);
    }

    // Of a DateTime, a decimal and of what is default(T) the metadata has no value of the type itself.
    static T? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue switch
        {
            null or Missing or DBNull => default,
            T value => value,
            var value when typeof(T).IsEnum => (T)Enum.ToObject(typeof(T), value),
            var value when Nullable.GetUnderlyingType(typeof(T)) is { IsEnum: true } type => (T)
                Enum.ToObject(type, value),
            _ => default,
        };
}

/// <summary><c>params T[]</c>: all arguments from here on, or one array.</summary>
internal sealed class ParamsParameter<T>(ParameterInfo parameter, int index) : Parameter<T[]>
{
    readonly ValueCodec<T> codec = ValueCodecs.Get<T>();

    public override T[] Read(ref ValueReader reader, FunctionCall call)
    {
        int count = Math.Max(0, call.ArgumentCount - index);
        if (count == 1 && reader.PeekIsList)
            return ValueCodecs.Get<T[]>().Read(ref reader, $"$.{parameter.Name}");
        var values = new T[count];
        int i = 0;
        try
        {
            for (; i < count; i++)
                values[i] = codec.Read(ref reader);
        }
        catch (MarshalException error)
        {
            error.At(i);
            throw error.From($"$.{parameter.Name}");
        }
        return values;
    }
}

/// <summary>Cancelled with the call: JavaScript gives no value for it.</summary>
internal sealed class CancellationParameter : Parameter<CancellationToken>
{
    public override CancellationToken Read(ref ValueReader reader, FunctionCall call) => call.Cancellation;
}

/// <summary>Told of progress: JavaScript gives a function for it in the options of a call.</summary>
internal sealed class ProgressParameter<T> : Parameter<IProgress<T>>
{
    public override IProgress<T> Read(ref ValueReader reader, FunctionCall call)
    {
        IProgress<T> progress = call.ProgressFunction is { } function ? new JsProgress<T>(function) : new Progress<T>();
        call.Progress = progress;
        return progress;
    }
}
