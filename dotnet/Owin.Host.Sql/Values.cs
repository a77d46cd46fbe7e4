using System.Collections;
using System.Data.Common;
using System.Globalization;

namespace Owin.Host.Sql;

/// <summary>Values of JavaScript's as parameters, and values of columns as those that cross.</summary>
internal static class Values
{
    const double SafeMost = 9007199254740991;

    public static DbParameter Parameter(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = ToDatabase(value);
        return parameter;
    }

    // A number of JavaScript's without a fraction is an integer to a database.
    static object ToDatabase(object? value) =>
        value switch
        {
            null => DBNull.Value,
            double number when IsInteger(number) => Narrow((long)number),
            long number => Narrow(number),
            List<object?> list => ToArray(list),
            object?[] list => ToArray(list),
            _ => value,
        };

    static object Narrow(long number) => number is >= int.MinValue and <= int.MaxValue ? (object)(int)number : number;

    static bool IsInteger(double number) =>
        Math.Truncate(number) == number && Math.Abs(number) <= SafeMost && (number != 0 || !double.IsNegative(number));

    // Databases that have arrays have them of one type.
    static object ToArray(IList list)
    {
        var values = list.Cast<object?>().Select(ToDatabase).ToArray();
        var types = values.Where(each => each is not DBNull).Select(each => each.GetType()).Distinct().ToArray();
        if (types.Length == 2 && types.All(each => each == typeof(int) || each == typeof(long)))
            return values.Select(each => each is DBNull ? (long?)null : Convert.ToInt64(each, null)).ToArray();
        if (types.Length != 1)
            return values;
        bool hasNull = values.Any(each => each is DBNull);
        var element = hasNull && types[0].IsValueType ? typeof(Nullable<>).MakeGenericType(types[0]) : types[0];
        var array = Array.CreateInstance(element, values.Length);
        for (int i = 0; i < values.Length; i++)
            array.SetValue(values[i] is DBNull ? null : values[i], i);
        return array;
    }

    public static object? Read(DbDataReader reader, int column)
    {
        var value = reader.GetValue(column);
        return value switch
        {
            DBNull => null,
            string or bool or byte or sbyte or short or ushort or int or uint or long or ulong => value,
            float or double or decimal or byte[] or Guid or TimeSpan => value,
            DateTime or DateTimeOffset or DateOnly or TimeOnly or System.Numerics.BigInteger => value,
            BitArray bits => bits.Cast<bool>().ToArray(),
            Array or Uri => value,
            IDictionary<string, string> map => map,
            // Addresses, geometries, ranges and the like have a text that the database reads again.
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };
    }

    /// <summary>About how many bytes a value takes when it crosses.</summary>
    public static int Size(object? value) =>
        value switch
        {
            string text => 8 + 2 * text.Length,
            byte[] bytes => 8 + bytes.Length,
            Array array => 8 + 8 * array.Length,
            _ => 9,
        };
}
