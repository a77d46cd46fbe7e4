using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class RequestHeadTests
{
    static string? Refusal(string payload, int fieldCount)
    {
        var head = RequestHead.Parse(Encoding.Latin1.GetBytes(payload), fieldCount, out var refusal);
        Assert.Equal(refusal == null, head != null);
        return refusal;
    }

    static string? Refusal(RequestFields request)
    {
        var fields = request.ToArray();
        return Refusal(string.Join('\0', fields), fields.Length);
    }

    static string[] Lines(RequestFields request) =>
        [.. request.Parse().ReadHeaders().Select(each => $"{each.Key}: {string.Join(" | ", each.Value)}")];

    [Fact]
    public void Fields_are_read_by_name()
    {
        var head = new RequestFields
        {
            Method = "PROPFIND",
            Mount = "/m%20n",
            Url = "/a%20b?c=%20",
            OriginalUrl = "/m%20n/a%20b?c=%20",
            ConnectionId = "7-1",
            Scheme = "https",
        }.Parse();
        Assert.Equal("PROPFIND", head.Method);
        Assert.Equal(("/m n", "/a b", "c=%20"), (head.PathBase, head.Path, head.QueryString));
        Assert.Equal("/m%20n/a%20b?c=%20", head.OriginalUrl);
        Assert.Equal(("7-1", "https"), (head.ConnectionId, head.Scheme));
        Assert.Equal(("192.0.2.7", "50123"), (head.RemoteAddress, head.RemotePort));
        Assert.Equal(("192.0.2.1", "3000"), (head.LocalAddress, head.LocalPort));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("get")]
    [InlineData("M-SEARCH")]
    public void Methods_are_verbatim(string method)
    {
        var head = new RequestFields { Method = method }.Parse();
        Assert.Equal(method, head.Method);
        Assert.Equal(method == "HEAD", head.IsHead);
    }

    [Theory]
    [InlineData("1.0", "HTTP/1.0")]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    [InlineData("3.0", "HTTP/3.0")]
    public void Protocols_have_the_names_of_OWIN(string version, string protocol) =>
        Assert.Equal(
            protocol,
            new RequestFields { HttpVersion = version }
                .Parse()
                .Protocol
        );

    [Theory]
    [InlineData("https", "https")]
    [InlineData("http", "http")]
    [InlineData("", "http")]
    [InlineData("ftp", "http")]
    public void The_scheme_is_http_or_https(string scheme, string expected) =>
        Assert.Equal(
            expected,
            new RequestFields { Scheme = scheme }
                .Parse()
                .Scheme
        );

    [Fact]
    public void A_path_is_empty_only_below_a_mount()
    {
        Assert.Equal(
            "",
            new RequestFields { Mount = "/base", Url = "" }
                .Parse()
                .Path
        );
        Assert.Equal(
            "/",
            new RequestFields { Mount = "", Url = "" }
                .Parse()
                .Path
        );
        Assert.Equal(
            "/",
            new RequestFields { Mount = "/", Url = "?a" }
                .Parse()
                .Path
        );
    }

    [Fact]
    public void A_forged_field_is_refused()
    {
        var fields = new RequestFields { Headers = ["Host", "a", "X", "1\0Host\0evil"] }.ToArray();
        Assert.Equal("A header holds a NUL.", Refusal(string.Join('\0', fields), fields.Length));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(0, -1)]
    public void A_field_count_that_is_not_there_is_refused(int moreNuls, int moreFields)
    {
        var fields = new RequestFields().ToArray();
        var payload = string.Join('\0', fields.Take(fields.Length + Math.Min(0, moreNuls)));
        Assert.NotNull(Refusal(payload + new string('\0', Math.Max(0, moreNuls)), fields.Length + moreFields));
    }

    [Fact]
    public void A_name_without_value_is_refused()
    {
        var fields = new RequestFields { Headers = ["Host", "a", "X"] }.ToArray();
        Assert.NotNull(Refusal(string.Join('\0', fields), fields.Length));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("GET\0\0/", 3)]
    [InlineData("", -1)]
    [InlineData("", int.MinValue + 1)]
    public void Less_than_the_fixed_fields_is_refused(string payload, int fieldCount) =>
        Assert.NotNull(Refusal(payload, fieldCount));

    [Theory]
    [InlineData("Host", "host")]
    [InlineData("HOST", "Host")]
    public void Two_hosts_are_refused(string first, string second) =>
        Assert.Equal(
            "The request has more than one Host header.",
            Refusal(new RequestFields { Headers = [first, "a", "X", "1", second, "a"] })
        );

    [Theory]
    [InlineData("/a%00", "")]
    [InlineData("/", "/m%00")]
    public void A_NUL_in_the_path_is_refused(string url, string mount) =>
        Assert.Equal("The path holds a NUL.", Refusal(new RequestFields { Url = url, Mount = mount }));

    [Theory]
    [InlineData(false)]
    [InlineData(false, "Content-Length", "0")]
    [InlineData(false, "Content-Type", "text/plain")]
    [InlineData(true, "Content-Length", "1")]
    [InlineData(true, "CONTENT-length", "1")]
    [InlineData(true, "Transfer-Encoding", "chunked")]
    [InlineData(true, "transfer-encoding", "gzip, chunked")]
    public void A_body_is_announced_by_its_framing(bool expected, params string[] headers) =>
        Assert.Equal(
            expected,
            new RequestFields { Method = "POST", Headers = headers }
                .Parse()
                .HasBody
        );

    [Fact]
    public void Header_lines_keep_their_order_casing_and_number() =>
        Assert.Equal(
            ["Host: a", "x-b: 1 | 3", "Accept: é"],
            Lines(new() { Headers = ["Host", "a", "x-b", "1", "Accept", "é", "X-B", "3"] })
        );

    [Theory]
    [InlineData("/", "example.test")]
    [InlineData("http://other.test:81/", "other.test:81")]
    public void The_authority_of_the_original_target_wins(string target, string host) =>
        Assert.Equal(
            [$"Host: {host}", "X: 1"],
            Lines(new() { OriginalUrl = target, Headers = ["Host", "example.test", "X", "1"] })
        );

    [Theory]
    [InlineData("192.0.2.1", "3000", "http", "192.0.2.1:3000")]
    [InlineData("192.0.2.1", "80", "http", "192.0.2.1")]
    [InlineData("192.0.2.1", "80", "https", "192.0.2.1:80")]
    [InlineData("192.0.2.1", "443", "https", "192.0.2.1")]
    [InlineData("192.0.2.1", "443", "http", "192.0.2.1:443")]
    [InlineData("2001:db8::1", "3000", "http", "[2001:db8::1]:3000")]
    [InlineData("2001:db8::1", "80", "http", "[2001:db8::1]")]
    [InlineData("", "", "http", "localhost")]
    [InlineData("", "", "https", "localhost")]
    public void A_missing_host_is_the_local_address(string address, string port, string scheme, string host)
    {
        var request = new RequestFields
        {
            LocalAddress = address,
            LocalPort = port,
            Scheme = scheme,
        };
        Assert.Equal([$"X: 1", $"Host: {host}"], Lines(request with { Headers = ["X", "1"] }));
        Assert.Equal([$"host: {host}"], Lines(request with { Headers = ["host", ""] }));
        Assert.Equal([$"Host: {host}"], Lines(request with { Headers = ["Host", " \t"] }));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.3.2.1", "192.0.2.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.7", "192.0.2.1", false)]
    [InlineData("1270::1", "2001:db8::1", false)]
    [InlineData("", "192.0.2.1", false)] // the peer's address is not known any more
    [InlineData("", "", false)]
    [InlineData("unix", "", true)]
    public void Local_is_this_machine(string remote, string local, bool expected) =>
        Assert.Equal(
            expected,
            new RequestFields { RemoteAddress = remote, LocalAddress = local }
                .Parse()
                .IsLocal
        );

    [Theory]
    [InlineData("unix")]
    [InlineData("")]
    public void Without_TCP_there_are_no_addresses(string remote)
    {
        var head = new RequestFields
        {
            RemoteAddress = remote,
            RemotePort = "",
            LocalAddress = "",
            LocalPort = "",
        }.Parse();
        Assert.Null(head.RemoteAddress ?? head.RemotePort ?? head.LocalAddress ?? head.LocalPort);
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 10, MemberType = typeof(Generator))]
    public void Generated_headers_come_back(int seed)
    {
        var generator = new Generator(seed);
        string Value() => Encoding.Latin1.GetString([.. generator.Bytes(20).Select(b => b == 0 ? (byte)1 : b)]);
        for (int i = 0; i < 50; i++)
        {
            var lines = Enumerable
                .Range(0, generator.Below(40))
                .Select(_ => ($"n{generator.Below(20)}", Value()))
                .ToList();
            var headers = new RequestFields
            {
                Headers = ["Host", "h", .. lines.SelectMany(each => (string[])[each.Item1, each.Item2])],
            }
                .Parse()
                .ReadHeaders();
            Assert.Equal(lines.Select(each => each.Item1).Distinct().Prepend("Host"), headers.Keys);
            foreach (var group in lines.GroupBy(each => each.Item1, each => each.Item2))
                Assert.Equal(group, headers[group.Key]);
        }
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 10, MemberType = typeof(Generator))]
    public void Garbage_is_refused_or_read(int seed)
    {
        var generator = new Generator(seed);
        for (int i = 0; i < 300; i++)
        {
            byte[] payload = [.. generator.Bytes(300).Select(b => generator.Chance(20) ? (byte)0 : b)];
            int fields = generator.Chance(80) ? payload.Count(b => b == 0) + 1 : generator.Below(50) - 10;
            if (RequestHead.Parse(payload, fields, out _) is not { } head)
                continue;
            Assert.NotNull(
                head.Method + head.Path + head.PathBase + head.QueryString + head.Protocol + head.OriginalUrl
            );
            Assert.NotEmpty(head.ReadHeaders()["host"]);
        }
    }
}
