using Owin.Host.Functions;
using Owin.Host.Http;

namespace Owin.Host.Tests.Functions;

public class ValueReaderTests
{
    static readonly JsFunctions Functions = new(new JsEnvironment(0), "test");

    static readonly byte[] Written = ValueWriter.Write(
        new Dictionary<string, object>
        {
            ["text"] = "é",
            ["list"] = new object[] { 1, 1.5, true, 1L },
            ["bytes"] = new byte[] { 1, 2 },
        },
        "value"
    );

    [Fact]
    public void A_value_that_is_cut_short_anywhere_throws()
    {
        for (int end = 0; end < Written.Length; end++)
        {
            var error = Assert.ThrowsAny<Exception>(() => ValueReader.Read(Written.AsSpan(0, end), Functions));
            Assert.True(error is ArgumentException or OwinException or IndexOutOfRangeException, error.ToString());
        }
    }

    [Fact]
    public void Reading_comes_to_an_end_with_any_byte_damaged()
    {
        for (int at = 0; at < Written.Length; at++)
        {
            foreach (byte damage in (byte[])[0x80, 0xff, 1])
            {
                var bytes = (byte[])Written.Clone();
                bytes[at] ^= damage;
                _ = Record.Exception(() => ValueReader.Read(bytes, Functions));
            }
        }
    }

    [Fact]
    public void Lists_without_end_in_each_other_do_not_end_the_process()
    {
        var bytes = Enumerable.Repeat<byte[]>([(byte)ValueTag.List, 1, 0, 0, 0], 100_000).SelectMany(each => each);
        Assert.Throws<OwinException>(() => ValueReader.Read(bytes.ToArray(), Functions));
    }

    [Fact]
    public void An_unknown_kind_throws() => Assert.Throws<OwinException>(() => ValueReader.Read([200], Functions));
}
