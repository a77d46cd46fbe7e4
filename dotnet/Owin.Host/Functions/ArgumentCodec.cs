namespace Owin.Host.Functions;

/// <summary>Values of the types that need no rules of their own.</summary>
internal static class ArgumentCodec<T>
{
    public static T Read(ref ValueReader reader, string name)
    {
        var value = reader.Read();
        try
        {
            return value switch
            {
                T fitting => fitting,
                null when default(T) is null => default!,
                int or long or double when typeof(T) == typeof(object) => (T)(object)Convert.ToDouble(value, null),
                int or long or double => (T)Convert.ChangeType(value, typeof(T), null),
                _ => throw new InvalidCastException(),
            };
        }
        catch (Exception error) when (error is InvalidCastException or OverflowException)
        {
            throw new OwinException(
                ErrorCodes.Value,
                $"{name} is {value ?? "null"}, where .NET takes {Hosting.TypeNames.Show(typeof(T))}."
            );
        }
    }
}
