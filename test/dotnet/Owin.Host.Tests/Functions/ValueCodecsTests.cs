using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Owin.Host.Functions;

namespace Owin.Host.Tests.Functions;

public class ValueCodecsTests
{
    [Fact]
    public void A_type_that_has_crossed_can_be_unloaded()
    {
        var type = Cross();
        for (int i = 0; i < 20 && type.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(type.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference Cross()
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new("Collected"), AssemblyBuilderAccess.RunAndCollect);
        var builder = assembly.DefineDynamicModule("Collected").DefineType("Empty", TypeAttributes.Public);
        builder.DefineDefaultConstructor(MethodAttributes.Public);
        var type = builder.CreateType();
        var written = ValueWriter.Write(Activator.CreateInstance(type), "value");
        var reader = new ValueReader(written, null);
        Assert.IsType(type, ValueCodecs.Get(type).ReadObject(ref reader));
        var list = ValueCodecs.Get(typeof(List<>).MakeGenericType(type));
        Assert.Equal(typeof(List<>).MakeGenericType(type), list.Type);
        return new(type);
    }
}
