using System.Buffers.Binary;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class TextFieldsTests
{
    [Theory]
    [InlineData()]
    [InlineData("")]
    [InlineData("", "", "")]
    [InlineData("a\0b", "\0", "é€🎷", "\r\n")]
    public void Fields_come_back(params string[] fields) =>
        Assert.Equal(fields, TextFields.Read(TextFields.Write(fields)));

    [Theory]
    [MemberData(nameof(Generator.Seeds), 20, MemberType = typeof(Generator))]
    public void Generated_fields_come_back(int seed)
    {
        var generator = new Generator(seed);
        for (int i = 0; i < 50; i++)
        {
            string[] fields = [.. Enumerable.Range(0, generator.Below(20)).Select(_ => generator.Text(50))];
            Assert.Equal(fields, TextFields.Read(TextFields.Write(fields)));
        }
    }

    [Fact]
    public void The_layout_is_counts_and_UTF8()
    {
        byte[] expected = [2, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0];
        Assert.Equal(expected, TextFields.Write(["é", ""]));
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character() =>
        Assert.Equal(["a\ufffdb"], TextFields.Read(TextFields.Write(["a\ud800b"])));

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_count_beyond_the_bytes_is_an_error_and_no_memory(int count)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsAny<Exception>(() => TextFields.Read(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 10, MemberType = typeof(Generator))]
    public void Damaged_bytes_are_an_error_or_texts(int seed)
    {
        var generator = new Generator(seed);
        for (int i = 0; i < 200; i++)
        {
            var bytes = TextFields.Write([.. Enumerable.Range(0, generator.Below(5)).Select(_ => generator.Text(9))]);
            bytes[generator.Below(bytes.Length)] = (byte)generator.Below(256);
            var cut = bytes.AsSpan(0, generator.Chance(50) ? bytes.Length : generator.Below(bytes.Length));
            try
            {
                Assert.All(TextFields.Read(cut), Assert.NotNull);
            }
            catch (Exception error) when (error is ArgumentException or OwinException)
            {
                // What the frame reader reports.
            }
        }
    }
}
