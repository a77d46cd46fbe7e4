using System.Reflection;
using System.Reflection.Emit;
using System.Threading;
using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>
/// One method, compiled to: read each argument as its parameter's type, call the method, end the call with the result.
/// Nothing is boxed on the way.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class Invoker
{
    delegate void Body(object[] parts, ref ValueReader reader, FunctionCall call, object? target);

    readonly object[] parts;
    readonly Body body;

    /// <summary>Throws where a parameter or the result is of a type whose values live on the stack only.</summary>
    public static void Check(MethodBase method)
    {
        var where = $"of {method.DeclaringType}.{method.Name}";
        foreach (var parameter in method.GetParameters())
            Check(parameter.ParameterType, $"The parameter '{parameter.Name}' {where}");
        if (method is MethodInfo { ReturnType: var returned })
            Check(returned, $"The result {where}");
    }

    static void Check(Type type, string what)
    {
        if (type.IsByRef || type.IsPointer || type.IsByRefLike)
            throw new OwinException(
                ErrorCodes.FunctionSignature,
                $"{what} is a {TypeNames.Show(type)}, which cannot cross."
            );
    }

    public Invoker(MethodBase method)
    {
        Method = method;
        Parameters = method.GetParameters();
        var kinds = new List<object>();
        foreach (var parameter in Parameters)
            kinds.Add(Create(parameter, CountValues(kinds)));
        if (method is FieldAccessor { IsConstant: true } constant)
            kinds.Add(constant.Constant!);
        if (method is ConstructorInfo)
            kinds.Add(Make(typeof(ObjectResult<>), Returned));
        else if (Returned != typeof(void))
            kinds.Add(CreateResult(Returned));
        parts = [.. kinds];
        body = Compile();
    }

    public MethodBase Method { get; }
    public ParameterInfo[] Parameters { get; }
    Type Returned => Method is MethodInfo info ? info.ReturnType : Method.DeclaringType!;

    public void Invoke(ref ValueReader reader, FunctionCall call, object? target) =>
        body(parts, ref reader, call, target);

    static int CountValues(List<object> kinds) =>
        kinds.Count(each =>
            each is not CancellationParameter && !IsProgress(each.GetType(), typeof(ProgressParameter<>))
        );

    /// <summary>Whether JavaScript gives a value for it, and not an option of the call.</summary>
    public static bool IsValue(ParameterInfo parameter) =>
        parameter.ParameterType != typeof(CancellationToken)
        && !IsProgress(parameter.ParameterType, typeof(IProgress<>));

    static bool IsProgress(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition;

    /// <summary>Whether it collects the rest of the arguments.</summary>
    public static bool IsParams(ParameterInfo parameter) =>
        parameter.ParameterType.IsArray && parameter.IsDefined(typeof(ParamArrayAttribute), false);

    static object Create(ParameterInfo parameter, int index)
    {
        var type = parameter.ParameterType;
        if (type == typeof(CancellationToken))
            return new CancellationParameter();
        if (IsProgress(type, typeof(IProgress<>)))
            return Make(typeof(ProgressParameter<>), type.GetGenericArguments()[0]);
        return IsParams(parameter)
            ? Make(typeof(ParamsParameter<>), type.GetElementType()!, parameter, index)
            : Make(typeof(ValueParameter<>), type, parameter, index);
    }

    static object CreateResult(Type type)
    {
        if (type == typeof(Task))
            return new TaskResult();
        if (type == typeof(ValueTask))
            return new ValueTaskResult();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (generic == typeof(ValueTask<>))
            return Make(typeof(ValueTaskResult<>), type.GetGenericArguments()[0]);
        return ResultTypes.Result(type) is var result && result != type
            ? Make(typeof(TaskResult<>), result)
            : Make(typeof(ValueResult<>), type);
    }

    static object Make(Type kind, Type type, params object[] arguments) =>
        Activator.CreateInstance(kind.MakeGenericType(type), arguments)!;

    Body Compile()
    {
        var method = new DynamicMethod(
            Method.Name,
            typeof(void),
            [typeof(object[]), typeof(ValueReader).MakeByRefType(), typeof(FunctionCall), typeof(object)],
            typeof(Invoker).Module,
            skipVisibility: true
        );
        var il = method.GetILGenerator();
        if (Method is MethodInfo { IsStatic: false })
        {
            il.Emit(OpCodes.Ldarg_3);
            il.Emit(Method.DeclaringType!.IsValueType ? OpCodes.Unbox : OpCodes.Castclass, Method.DeclaringType);
        }
        for (int i = 0; i < Parameters.Length; i++)
        {
            LoadPart(il, i, typeof(Parameter<>).MakeGenericType(Parameters[i].ParameterType));
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Callvirt, parts[i].GetType().GetMethod("Read")!);
        }
        EmitCall(il);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Body>();
    }

    void EmitCall(ILGenerator il)
    {
        if (Method is ConstructorInfo constructor)
            il.Emit(OpCodes.Newobj, constructor);
        else if (Method is FieldAccessor { IsConstant: true })
            LoadPart(il, 0, Returned);
        else if (Method is FieldAccessor field)
            field.Emit(il);
        else
            il.Emit(Method.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, (MethodInfo)Method);
        if (Returned == typeof(void))
        {
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Call, typeof(FunctionCall).GetMethod(nameof(FunctionCall.Return), Type.EmptyTypes)!);
            return;
        }
        var value = il.DeclareLocal(Returned);
        il.Emit(OpCodes.Stloc, value);
        LoadPart(il, parts.Length - 1, parts[^1].GetType());
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldloc, value);
        il.Emit(OpCodes.Callvirt, parts[^1].GetType().GetMethod("End")!);
    }

    static void LoadPart(ILGenerator il, int index, Type type)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
        il.Emit(OpCodes.Unbox_Any, type);
    }
}
