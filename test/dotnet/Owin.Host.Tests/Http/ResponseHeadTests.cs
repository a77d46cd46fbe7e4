using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class ResponseHeadTests
{
    static IDictionary<string, string[]> Headers(params (string Name, string?[]? Values)[] headers) =>
        headers.ToDictionary(each => each.Name, each => (string[])each.Values!);

    static string Block(object? headers) =>
        Encoding.Latin1.GetString(ResponseHead.Read(200, null, headers).Headers).Replace('\0', '|');

    static string Refused(object? status = null, object? reason = null, object? headers = null)
    {
        var error = Assert.Throws<OwinException>(() => ResponseHead.Read(status, reason, headers));
        Assert.Equal(ErrorCodes.Response, error.Code);
        return error.Message;
    }

    enum Long : long
    {
        Gone = 410,
        Huge = long.MaxValue,
    }

    enum Unsigned : ulong
    {
        Huge = ulong.MaxValue,
    }

    public static TheoryData<object?, int> Statuses =>
        new()
        {
            { null, 200 },
            { 0, 200 },
            { 200, 200 },
            { 204, 204 },
            { 999, 999 },
            { System.Net.HttpStatusCode.NotFound, 404 },
            { Long.Gone, 410 },
            { (byte)201, 201 },
            { (short)202, 202 },
            { (ushort)203, 203 },
            { 206u, 206 },
            { 207L, 207 },
            { 208UL, 208 },
            { (sbyte)0, 200 },
            { 0UL, 200 },
            { default(System.Net.HttpStatusCode), 200 },
        };

    [Theory]
    [MemberData(nameof(Statuses), DisableDiscoveryEnumeration = true)]
    public void Integral_types_are_a_status(object? status, int expected) =>
        Assert.Equal(expected, ResponseHead.Read(status, null, null).Status);

    public static TheoryData<object, string> RefusedStatuses =>
        new()
        {
            { 1, "is 1;" },
            { 100, "is 100;" },
            { 101, "is 101;" },
            { 199, "is 199;" },
            { 1000, "is 1000;" },
            { -1, "is -1;" },
            { (sbyte)-5, "is -5;" },
            { int.MinValue, "is -2147483648;" },
            { long.MaxValue, "is 9223372036854775807;" },
            { (1L << 32) + 200, "is 4294967496;" },
            { 1000UL, "is 1000;" },
            { ulong.MaxValue, "is 18446744073709551615;" },
            { Long.Huge, "is 9223372036854775807;" },
            { Unsigned.Huge, "is 18446744073709551615;" },
            { "200", "holds a System.String;" },
            { 200.0, "holds a System.Double;" },
            { 200m, "holds a System.Decimal;" },
            { 'a', "holds a System.Char;" },
            { true, "holds a System.Boolean;" },
            { new BigInteger(200), "holds a System.Numerics.BigInteger;" },
            { new object(), "holds a System.Object;" },
        };

    [Theory]
    [MemberData(nameof(RefusedStatuses), DisableDiscoveryEnumeration = true)]
    public void Another_status_is_refused(object status, string message) =>
        Assert.StartsWith($"'owin.ResponseStatusCode' {message}", Refused(status));

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData(" \t", "")]
    [InlineData("Fine", "Fine")]
    [InlineData("Très bien\t!", "Très bien\t!")]
    public void A_blank_reason_is_none(string? reason, string expected)
    {
        var head = ResponseHead.Read(200, reason, Headers(("A", ["1"])));
        Assert.Equal(expected.Length, head.ReasonLength);
        Assert.Equal(expected, Encoding.Latin1.GetString(head.Bytes[^head.ReasonLength..]));
    }

    [Theory]
    [InlineData("a\rb", "U+000D")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("\x7f", "U+007F")]
    [InlineData("\x1b[31m", "U+001B")]
    [InlineData("€", "U+20AC")]
    public void A_reason_or_value_that_cannot_be_sent_is_refused(string text, string character)
    {
        Assert.Contains($"'owin.ResponseReasonPhrase' holds the character {character}", Refused(200, text));
        Assert.Contains($"'X-A' holds the character {character}", Refused(headers: Headers(("X-A", ["ok", text]))));
    }

    [Fact]
    public void A_reason_of_another_type_is_refused() =>
        Assert.Contains("holds a System.Int32", Refused(200, reason: 5));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("A B")]
    [InlineData("A:")]
    [InlineData("A\r\nB")]
    [InlineData("A\0B")]
    [InlineData("é")]
    [InlineData("A(")]
    public void A_name_that_is_no_token_is_refused(string name)
    {
        var message = Refused(headers: Headers((name, ["1"])));
        Assert.EndsWith("is no header name.", message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void Every_token_character_is_a_name()
    {
        const string name = "!#$%&'*+-.^_`|~09azAZ";
        Assert.StartsWith("!#$%&'*+-.^_`|~09azAZ", Block(Headers((name, ["1"]))));
    }

    [Fact]
    public void Every_element_is_a_line()
    {
        var headers = Headers(("B", ["2", "1,0"]), ("a", [""]), ("Set-Cookie", ["x", "x"]), ("C", ["é\tÿ"]));
        Assert.Equal("B|2|B|1,0|a||Set-Cookie|x|Set-Cookie|x|C|é\tÿ", Block(headers));
    }

    [Fact]
    public void Null_and_missing_values_are_skipped() =>
        Assert.Equal(
            "A|1",
            Block(Headers(("None", null), ("no name", []), ("A", [null, "1", null]), ("Nulls", [null])))
        );

    [Fact]
    public void Own_and_foreign_dictionaries_are_headers_and_nothing_else_is()
    {
        var own = new HeaderDictionary { { "A", ["1"] } };
        Assert.Equal("A|1", Block(own));
        Assert.Equal("", Block(null));
        Assert.Contains("holds a System.String", Refused(headers: "A: 1"));
        Assert.Contains(
            "holds a System.Collections.Generic.Dictionary",
            Refused(headers: new Dictionary<string, string>())
        );
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(5, "5")]
    [InlineData(5, "5", "5")]
    [InlineData(5, "5", null)]
    [InlineData(long.MaxValue, "9223372036854775807")]
    public void A_content_length_is_sent_once(long expected, params string?[] values)
    {
        var headers = Headers(("content-LENGTH", values));
        Assert.Equal(expected, ResponseHead.Read(200, null, headers).ContentLength);
        Assert.Equal($"content-LENGTH|{expected}", Block(headers));
    }

    [Fact]
    public void No_content_length_is_minus_one()
    {
        Assert.Equal(-1, ResponseHead.Read(200, null, null).ContentLength);
        Assert.Equal(-1, ResponseHead.Read(200, null, Headers(("Content-Length", [null]))).ContentLength);
    }

    [Theory]
    [InlineData("5", "6")]
    [InlineData("5", "05")]
    [InlineData("")]
    [InlineData(" 5")]
    [InlineData("+5")]
    [InlineData("-1")]
    [InlineData("5.0")]
    [InlineData("0x5")]
    [InlineData("5, 5")]
    [InlineData("９")]
    [InlineData("9223372036854775808")]
    public void Another_content_length_is_refused(params string[] values) =>
        Assert.StartsWith("Content-Length is ", Refused(headers: Headers(("Content-Length", values))));

    [Fact]
    public void Two_casings_of_content_length_are_one_header()
    {
        Assert.Equal("Content-Length|5", Block(Headers(("Content-Length", ["5"]), ("content-length", ["5"]))));
        Assert.Contains("set twice", Refused(headers: Headers(("Content-Length", ["5"]), ("content-length", ["6"]))));
    }

    [Theory]
    [InlineData("chunked")]
    [InlineData(" Chunked ")]
    [InlineData("chunked", "chunked")]
    public void A_lone_chunked_is_left_out(params string[] values) =>
        Assert.Equal("A|1", Block(Headers(("Transfer-Encoding", values), ("A", ["1"]))));

    [Theory]
    [InlineData("gzip")]
    [InlineData("gzip, chunked")]
    [InlineData("chunked", "gzip")]
    [InlineData("")]
    public void Another_transfer_encoding_is_refused(params string[] values) =>
        Assert.StartsWith("Transfer-Encoding is ", Refused(headers: Headers(("transfer-encoding", values))));

    [Fact]
    public void A_204_205_or_304_has_no_body()
    {
        Assert.Contains("204", Refused(204, headers: Headers(("Content-Length", ["5"]))));
        Assert.Contains("205", Refused(205, headers: Headers(("Content-Length", ["5"]))));
        Assert.True(ResponseHead.Read(205, null, null).HasNoBody);
        Assert.Equal(0, ResponseHead.Read(204, null, Headers(("Content-Length", ["0"]))).ContentLength);
        Assert.Equal(5, ResponseHead.Read(304, null, Headers(("Content-Length", ["5"]))).ContentLength);
        Assert.True(ResponseHead.Read(204, null, null).HasNoBody);
        Assert.True(ResponseHead.Read(304, null, null).HasNoBody);
        Assert.False(ResponseHead.Read(206, null, null).HasNoBody);
    }

    [Fact]
    public void A_long_value_is_cut_in_the_message()
    {
        var message = Refused(headers: Headers(("Content-Length", [new string('9', 100_000)])));
        Assert.InRange(message.Length, 100, 300);
    }

    [Fact]
    public void A_refused_head_leaves_nothing_behind()
    {
        Refused(200, "Reason", Headers(("A", ["1"]), ("B", ["\n"])));
        var head = ResponseHead.Read(200, null, null);
        Assert.Equal((0, 0, ToJsResponse.Payload), (head.HeadersLength, head.ReasonLength, head.Bytes.Length));
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 10, MemberType = typeof(Generator))]
    public void Generated_heads_are_the_bytes_of_their_lines(int seed)
    {
        var generator = new Generator(seed);
        for (int i = 0; i < 100; i++)
        {
            var headers = new HeaderDictionary();
            for (int lines = generator.Below(30); lines > 0; lines--)
                headers.AddLine($"Name-{generator.Below(20)}", Value(generator.Pick(5, 50, 3_000)));
            var reason = Value(20);
            var expected = headers.SelectMany(each => each.Value.Select(value => $"{each.Key}\0{value}"));
            var head = ResponseHead.Read(200, reason, headers);
            Assert.Equal(string.Join('\0', expected), Encoding.Latin1.GetString(head.Headers));
            Assert.Equal(string.IsNullOrWhiteSpace(reason) ? 0 : reason.Length, head.ReasonLength);
            head.Words[ToJsResponse.Status] = 0x01020304;
            Assert.Equal(0x01020304, BinaryPrimitives.ReadInt32LittleEndian(head.Bytes[(ToJsResponse.Status * 4)..]));
            head.Trim();
        }

        string Value(int maxLength) =>
            Encoding.Latin1.GetString([
                .. generator.Bytes(maxLength).Select(b => b is < 0x20 or 0x7f ? (byte)'\t' : b),
            ]);
    }
}
