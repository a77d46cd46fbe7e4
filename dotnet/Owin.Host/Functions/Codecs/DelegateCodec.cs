using System.Linq.Expressions;
using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Functions.Codecs;

/// <summary>
/// Delegates: functions in JavaScript, both ways. One that comes home is what it was. A delegate over JavaScript's
/// function returns at once where it returns nothing or a Task, and else waits.
/// </summary>
internal sealed class DelegateCodec<T> : ValueCodec<T?>
    where T : Delegate
{
    readonly Lazy<Func<JsFunction, T>> make = new(Compile);

    public override T? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        switch (tag)
        {
            case ValueTag.Null:
                return null;
            case ValueTag.Function:
                return Make(reader.Functions.Find(reader.Int()));
            case ValueTag.Delegate:
                var held = reader.Functions.Environment.Objects.Get(reader.Int()) as BoundFunction;
                return held?.Delegate as T
                    ?? throw Wrong($"is a {TypeNames.Show(held?.Delegate?.GetType() ?? typeof(object))} of .NET's");
            default:
                throw Wrong(ref reader, tag);
        }
    }

    public override void Write(ValueWriter writer, T? value)
    {
        if (value == null)
            writer.Tag(ValueTag.Null);
        else if (JsFunction.Behind(value) is { } function && function.Functions.Environment == writer.Environment)
            writer.Return(function);
        else
            writer.Hold(ValueTag.Delegate, new BoundFunction(value, rules: writer.Rules));
    }

    T Make(JsFunction function)
    {
        var made = make.Value(function);
        function.IsBehind(made);
        return made;
    }

    static Func<JsFunction, T> Compile()
    {
        var invoke = typeof(T).GetMethod("Invoke")!;
        var function = Expression.Parameter(typeof(JsFunction));
        var call = Expression.Variable(typeof(JsCall));
        var parameters = Array.ConvertAll(invoke.GetParameters(), Parameter);
        var body = new List<Expression>
        {
            Expression.Assign(call, Expression.New(typeof(JsCall).GetConstructors()[0], function)),
        };
        for (int i = 0; i < parameters.Length; i++)
        {
            var path = Expression.Constant($"argument {i + 1} of JavaScript’s function");
            body.Add(Expression.Call(call, nameof(JsCall.Add), [parameters[i].Type], parameters[i], path));
        }
        body.Add(Run(call, invoke.ReturnType));
        var lambda = Expression.Lambda(typeof(T), Expression.Block([call], body), parameters);
        return Expression.Lambda<Func<JsFunction, T>>(lambda, function).Compile();
    }

    static ParameterExpression Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return type.IsByRef || type.IsByRefLike || type.IsPointer
            ? throw new MarshalException(
                $"is a function, where .NET takes {TypeNames.Show(typeof(T))}, and a {TypeNames.Show(type)} cannot cross"
            )
            : Expression.Parameter(type);
    }

    static MethodCallExpression Run(Expression call, Type returned)
    {
        if (returned == typeof(void))
            return Expression.Call(call, nameof(JsCall.Post), []);
        if (returned == typeof(Task))
            return Expression.Call(call, nameof(JsCall.Run), []);
        if (returned == typeof(ValueTask))
            return Expression.Call(call, nameof(JsCall.RunValue), []);
        var definition = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
        if (definition == typeof(Task<>))
            return Expression.Call(call, nameof(JsCall.Run), returned.GetGenericArguments());
        return definition == typeof(ValueTask<>)
            ? Expression.Call(call, nameof(JsCall.RunValue), returned.GetGenericArguments())
            : Expression.Call(call, nameof(JsCall.Wait), [returned]);
    }
}
