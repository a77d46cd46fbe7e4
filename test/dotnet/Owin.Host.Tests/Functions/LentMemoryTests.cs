using System.Runtime.InteropServices;
using Owin.Host.Functions;

namespace Owin.Host.Tests.Functions;

public class LentMemoryTests
{
    static readonly byte[] bytes = [1, 2, 3];

    [Fact]
    public void After_the_largest_number_they_begin_anew()
    {
        var memory = new LentMemory(int.MaxValue - 1);
        Assert.Equal(int.MaxValue, memory.Lend<byte>(bytes).Number);
        var (number, address) = memory.Lend<byte>(bytes);
        Assert.Equal((1, 1), (number, Marshal.ReadByte((nint)address)));
        memory.Return(int.MaxValue);
        Assert.Equal(1, memory.Count);
    }

    [Fact]
    public void Nothing_is_kept_for_an_environment_that_has_closed()
    {
        var memory = new LentMemory();
        memory.Lend<byte>(bytes);
        memory.Close();
        memory.Lend<byte>(bytes);
        Assert.Equal(0, memory.Count);
    }
}
