using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;

namespace Owin.Host.Functions;

/// <summary>
/// Reads or writes a field, as the method that it would be if the field were a property. <see cref="Invoker" /> compiles
/// it; it is not invoked by reflection.
/// </summary>
internal sealed class FieldAccessor : MethodInfo
{
    readonly FieldInfo accessed;
    readonly ParameterInfo[] parameters;

    /// <param name="field">Constants and readonly fields are only read.</param>
    /// <param name="writes">Whether it writes the field.</param>
    public FieldAccessor(FieldInfo field, bool writes)
    {
        accessed = field;
        parameters = writes ? [new Value(accessed.FieldType, this)] : [];
        ReturnType = writes ? typeof(void) : accessed.FieldType;
    }

    /// <summary>Whether the field can be written.</summary>
    public static bool Writes(FieldInfo field) => !field.IsInitOnly && !field.IsLiteral;

    /// <summary>It reads a constant, which no memory has.</summary>
    public bool IsConstant => accessed.IsLiteral;

    /// <summary>The value of the constant.</summary>
    public object? Constant => accessed.GetValue(null);

    public override Type ReturnType { get; }

    public override string Name => accessed.Name;

    public override Type? DeclaringType => accessed.DeclaringType;

    public override Type? ReflectedType => accessed.ReflectedType;

    public override MethodAttributes Attributes =>
        MethodAttributes.Public | (accessed.IsStatic ? MethodAttributes.Static : 0);

    public override ICustomAttributeProvider ReturnTypeCustomAttributes => accessed;

    public override RuntimeMethodHandle MethodHandle => throw new NotSupportedException();

    public override ParameterInfo[] GetParameters() => parameters;

    public override MethodImplAttributes GetMethodImplementationFlags() => MethodImplAttributes.IL;

    public override MethodInfo GetBaseDefinition() => this;

    public override object[] GetCustomAttributes(bool inherit) => accessed.GetCustomAttributes(inherit);

    public override object[] GetCustomAttributes(Type attributeType, bool inherit) =>
        accessed.GetCustomAttributes(attributeType, inherit);

    public override bool IsDefined(Type attributeType, bool inherit) => accessed.IsDefined(attributeType, inherit);

    public override object? Invoke(
        object? target,
        BindingFlags flags,
        Binder? binder,
        object?[]? arguments,
        CultureInfo? culture
    ) => throw new NotSupportedException();

    /// <summary>Reads or writes it; what that takes is on the stack.</summary>
    public void Emit(ILGenerator il)
    {
        var (onObject, onType) =
            parameters.Length > 0 ? (OpCodes.Stfld, OpCodes.Stsfld) : (OpCodes.Ldfld, OpCodes.Ldsfld);
        il.Emit(accessed.IsStatic ? onType : onObject, accessed);
    }

    sealed class Value : ParameterInfo
    {
        public Value(Type type, MemberInfo member)
        {
            ClassImpl = type;
            MemberImpl = member;
            NameImpl = "value";
        }

        public override bool HasDefaultValue => false;
    }
}
