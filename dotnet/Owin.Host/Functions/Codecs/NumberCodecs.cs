using System.Globalization;
using System.Numerics;

namespace Owin.Host.Functions.Codecs;

/// <summary>Numbers that elements of a typed array can become.</summary>
internal interface INumberCodec<T>
{
    /// <summary>Throws <see cref="MarshalException" /> for what <typeparamref name="T" /> cannot hold.</summary>
    T From<TFrom>(TFrom value)
        where TFrom : INumber<TFrom>;
}

/// <summary>Integers: numbers without a fraction and bigints, both checked against the type's range.</summary>
internal sealed class IntegerCodec<T> : ValueCodec<T>, INumberCodec<T>
    where T : IBinaryInteger<T>
{
    // Above it a number may stand for another integer.
    const double SafeMost = 9007199254740991;

    public override T Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        return tag switch
        {
            ValueTag.Int => From(reader.Int()),
            ValueTag.Double => From(reader.Double()),
            ValueTag.Long => From(reader.Long()),
            ValueTag.ULong => From((ulong)reader.Long()),
            ValueTag.BigInt => From(reader.BigInt()),
            _ => throw Wrong(ref reader, tag),
        };
    }

    public T From<TFrom>(TFrom value)
        where TFrom : INumber<TFrom>
    {
        if (value is float or double)
        {
            double number = double.CreateTruncating(value);
            if (!(Math.Abs(number) <= SafeMost && Math.Truncate(number) == number))
                throw Wrong($"is {value.ToString(null, CultureInfo.InvariantCulture)}");
        }
        try
        {
            return T.CreateChecked(value);
        }
        catch (OverflowException)
        {
            throw Wrong($"is {value.ToString(null, CultureInfo.InvariantCulture)}");
        }
    }

    public override T FromText(string text) =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : base.FromText(text);

    public override void Write(ValueWriter writer, T value)
    {
        if (typeof(T) == typeof(long))
        {
            writer.Tag(ValueTag.Long);
            writer.Long(long.CreateTruncating(value));
        }
        else if (typeof(T) == typeof(ulong))
        {
            writer.Tag(ValueTag.ULong);
            writer.ULong(ulong.CreateTruncating(value));
        }
        else if (typeof(T) == typeof(uint))
        {
            writer.Tag(ValueTag.Double);
            writer.Double(uint.CreateTruncating(value));
        }
        else if (typeof(T) == typeof(BigInteger) || typeof(T) == typeof(Int128) || typeof(T) == typeof(UInt128))
        {
            writer.Tag(ValueTag.BigInt);
            writer.BigInt(BigInteger.CreateChecked(value));
        }
        else
        {
            writer.Tag(ValueTag.Int);
            writer.Int(int.CreateTruncating(value));
        }
    }
}

/// <summary>
/// Floating point numbers: every number that is no infinity of the type, or is one itself. Integers of a typed array
/// are not rounded: who gives such wants them as they are.
/// </summary>
internal sealed class FloatCodec<T> : ValueCodec<T>, INumberCodec<T>
    where T : IBinaryFloatingPointIeee754<T>
{
    public override T Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        return tag switch
        {
            ValueTag.Double => From(reader.Double()),
            ValueTag.Int => From((double)reader.Int()),
            _ => throw Wrong(ref reader, tag),
        };
    }

    public T From<TFrom>(TFrom value)
        where TFrom : INumber<TFrom>
    {
        var number = T.CreateTruncating(value);
        bool rounded = value is not (float or double) && !IsExactly(number, value);
        if (rounded || T.IsInfinity(number) && TFrom.IsFinite(value))
            throw Wrong($"is {value.ToString(null, CultureInfo.InvariantCulture)}");
        return number;
    }

    // Back again it is the same; beyond the range of the integers there is no way back.
    static bool IsExactly<TFrom>(T number, TFrom value)
        where TFrom : INumber<TFrom>
    {
        try
        {
            return TFrom.CreateChecked(number) == value;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    public override T FromText(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? From(value)
            : base.FromText(text);

    public override void Write(ValueWriter writer, T value)
    {
        writer.Tag(ValueTag.Double);
        writer.Double(double.CreateTruncating(value));
    }
}
