using System.Reflection;

namespace Owin.Host.Functions;

/// <summary>
/// One of the methods of a name: how many arguments it takes, and how well given ones fit. Compiled when it is first
/// called; a generic method once for each set of type arguments, which follow from the arguments.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class Overload
{
    readonly ParameterInfo[] values;
    readonly Type? rest;
    readonly Dictionary<string, Invoker>? generic;
    Invoker? invoker;

    public Overload(MethodBase method)
    {
        Method = method;
        values = [.. method.GetParameters().Where(Invoker.IsValue)];
        if (values.Length > 0 && Invoker.IsParams(values[^1]))
            rest = values[^1].ParameterType.GetElementType();
        ArgumentsMost = rest == null ? values.Length : int.MaxValue;
        ArgumentsLeast = values.Count(each => !each.HasDefaultValue && !Invoker.IsParams(each));
        if (method.ContainsGenericParameters)
            generic = [];
        else
            Invoker.Check(method);
    }

    public MethodBase Method { get; }

    /// <summary>The parameters that JavaScript gives values.</summary>
    public IReadOnlyList<ParameterInfo> Values => values;
    public int ArgumentsLeast { get; }
    public int ArgumentsMost { get; }

    /// <summary>Its result is there when the method returns.</summary>
    public bool IsImmediate =>
        Method is not MethodInfo { ReturnType: var type }
        || type == typeof(void)
        || type.IsGenericParameter
        || ResultTypes.Result(type) == type;

    public bool Takes(int count) => count >= ArgumentsLeast && count <= ArgumentsMost;

    /// <summary>The compiled method for these arguments.</summary>
    public Invoker Compiled(ValueReader arguments, int count)
    {
        if (generic == null)
            return invoker ??= new Invoker(Method);
        var types = TypeArguments.Infer((MethodInfo)Method, values, arguments, count);
        var key = string.Join<Type>('|', types);
        lock (generic)
        {
            if (!generic.TryGetValue(key, out var compiled))
                generic.Add(key, compiled = new Invoker(TypeArguments.Close((MethodInfo)Method, types)));
            return compiled;
        }
    }

    /// <summary>How well arguments fit; 0: not at all.</summary>
    public int Fit(ValueReader arguments, int count)
    {
        // Of two that fit as well, the one is meant that leaves no parameter its default and collects no rest.
        int fit = 1000 - 2 * Math.Max(0, values.Length - count) - (rest == null ? 0 : 1);
        for (int i = 0; i < count; i++)
        {
            bool collected = rest != null && i >= values.Length - 1;
            bool whole = collected && count == values.Length && arguments.Peek() is ValueTag.List or ValueTag.Array;
            int each = ArgumentFit.Of(ref arguments, collected && !whole ? rest! : values[i].ParameterType);
            if (each == 0)
                return 0;
            fit += 10 * each;
        }
        return fit;
    }
}
