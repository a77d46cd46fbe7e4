using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class RequestTargetTests
{
    static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a/", "/a/")]
    [InlineData("/a?b/../c", "/a")]
    [InlineData("/a#b", "/a")]
    [InlineData("/a#b?c", "/a")]
    [InlineData("//a//b", "//a//b")]
    [InlineData("/a\\b", "/a\\b")]
    [InlineData("/a+b;c=1,2", "/a+b;c=1,2")]
    [InlineData("*", "/")]
    [InlineData("", "")]
    [InlineData("?a", "")]
    [InlineData("#a", "")]
    [InlineData("a/./b", "/a/b")]
    public void The_path_ends_where_query_or_fragment_begins(string url, string path) =>
        Assert.Equal(path, RequestTarget.Path(Latin1(url)));

    [Theory]
    [InlineData("/%61%2F%2fb", "/a//b")]
    [InlineData("/%2561", "/%61")]
    [InlineData("/%3Fa%23b", "/?a#b")]
    [InlineData("/a%20b+c", "/a b+c")]
    [InlineData("/%C3%A9", "/é")]
    [InlineData("/%E2%82%AC%F0%9F%8E%B7", "/€🎷")]
    [InlineData("/\u00c3\u00a9", "/é")]
    [InlineData("/%C3\u00a9", "/é")]
    public void The_path_is_decoded_once_as_UTF8(string url, string path) =>
        Assert.Equal(path, RequestTarget.Path(Latin1(url)));

    [Theory]
    [InlineData("/%", "/%")]
    [InlineData("/%4", "/%4")]
    [InlineData("/%4g%zz", "/%4g%zz")]
    [InlineData("/%%41", "/%A")]
    [InlineData("/%u0041", "/%u0041")]
    public void Invalid_escapes_stay(string url, string path) => Assert.Equal(path, RequestTarget.Path(Latin1(url)));

    [Theory]
    [InlineData("/%ff", "/%ff")]
    [InlineData("/%C3", "/%C3")]
    [InlineData("/%C3x", "/%C3x")]
    [InlineData("/%c0%af..", "/%c0%af..")] // an overlong slash
    [InlineData("/%ED%A0%80", "/%ED%A0%80")] // a surrogate
    [InlineData("/%F4%90%80%80", "/%F4%90%80%80")] // above U+10FFFF
    [InlineData("/%E2%82%41", "/%E2%82A")]
    [InlineData("/\u00e9a", "/éa")] // a latin-1 byte that is no UTF-8
    public void Invalid_UTF8_stays_as_it_was_written(string url, string path) =>
        Assert.Equal(path, RequestTarget.Path(Latin1(url)));

    [Theory]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/..", "/")]
    [InlineData("/../../etc", "/etc")]
    [InlineData("/%2e%2E/a", "/a")]
    [InlineData("/a%2F..%2f..%2Fetc", "/etc")]
    [InlineData("/a//../b", "/a/b")]
    [InlineData("/.well-known/..a/a..", "/.well-known/..a/a..")]
    [InlineData("/...", "/...")]
    public void Dot_segments_are_removed_after_decoding(string url, string path) =>
        Assert.Equal(path, RequestTarget.Path(Latin1(url)));

    [Theory]
    [InlineData("http://example.test/a?b", "/a", "example.test", "b")]
    [InlineData("HTTPS://user:pw@example.test:8080/a/../b", "/b", "example.test:8080", "")]
    [InlineData("http://[2001:db8::1]:80", "/", "[2001:db8::1]:80", "")]
    [InlineData("http://example.test?a://b", "/", "example.test", "a://b")]
    [InlineData("/http://example.test/a", "/http://example.test/a", null, "")]
    [InlineData("/a?b=http://example.test/", "/a", null, "b=http://example.test/")]
    [InlineData("http:///a", "/a", null, "")]
    [InlineData("http://", "/", null, "")]
    public void Absolute_form_has_an_authority(string url, string path, string? authority, string query)
    {
        Assert.Equal(path, RequestTarget.Path(Latin1(url)));
        Assert.Equal(authority, RequestTarget.Authority(Latin1(url)));
        Assert.Equal(query, RequestTarget.Query(Latin1(url)));
    }

    [Theory]
    [InlineData("/a", "")]
    [InlineData("/a?", "")]
    [InlineData("/a?b?c=%20&d=%zz", "b?c=%20&d=%zz")]
    [InlineData("/a?b#c?d", "b")]
    [InlineData("/a%3Fb", "")]
    [InlineData("/a#b?c", "")]
    [InlineData("?a=\u00e9", "a=é")]
    [InlineData("*", "")]
    public void The_query_is_raw_from_the_first_question_mark_on(string url, string query) =>
        Assert.Equal(query, RequestTarget.Query(Latin1(url)));

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("/base", "/base")]
    [InlineData("/Base/", "/Base")]
    [InlineData("/b%20%C3%A9//", "/b é")]
    [InlineData("/b%zz%ff", "/b%zz%ff")]
    public void The_path_base_is_decoded_and_has_no_trailing_slash(string mount, string pathBase) =>
        Assert.Equal(pathBase, RequestTarget.PathBase(Latin1(mount)));

    [Theory]
    [InlineData("/a%00b", true)]
    [InlineData("http://example.test/%00", true)]
    [InlineData("/a?%00", false)]
    [InlineData("/a#%00", false)]
    [InlineData("/%2500", false)]
    [InlineData("/%0", false)]
    public void A_NUL_counts_in_the_path_only(string url, bool expected) =>
        Assert.Equal(expected, RequestTarget.HasNul(Latin1(url)));

    [Theory]
    [MemberData(nameof(Generator.Seeds), 20, MemberType = typeof(Generator))]
    public void Whatever_is_encoded_is_decoded(int seed)
    {
        var generator = new Generator(seed);
        for (int i = 0; i < 200; i++)
        {
            // Segments of digits and letters around it keep dot segments out of the way.
            var path = $"/a{generator.Text(12).Replace('/', 'x').Replace('.', 'x')}b";
            Assert.Equal(path, RequestTarget.Path(Encoded(path, generator)));
            Assert.Equal(path, RequestTarget.PathBase(Encoded(path, generator)));
        }
    }

    // Percent-encodes what must be, and some of the rest.
    static byte[] Encoded(string path, Generator generator)
    {
        var url = new List<byte>();
        foreach (byte b in Encoding.UTF8.GetBytes(path))
        {
            bool must = b is < 0x21 or (byte)'%' or (byte)'?' or (byte)'#';
            if (must || generator.Chance(30))
                url.AddRange(Latin1($"%{b.ToString(generator.Chance(50) ? "x2" : "X2")}"));
            else
                url.Add(b);
        }
        return [.. url];
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 20, MemberType = typeof(Generator))]
    public void Garbage_gives_a_path_without_dot_segments(int seed)
    {
        var generator = new Generator(seed);
        for (int i = 0; i < 500; i++)
        {
            var url = new List<byte>(generator.Chance(50) ? "/"u8.ToArray() : []);
            for (int pieces = generator.Below(12); pieces > 0; pieces--)
                url.AddRange(
                    generator.Chance(30)
                        ? generator.Bytes(6)
                        : Latin1(
                            generator.Pick("/", ".", "..", "%2e", "%2F", "%", "%c3", "%f0%9f", "?", "#", "://", "a")
                        )
                );
            byte[] target = [.. url];
            var path = RequestTarget.Path(target);
            Assert.True(path.Length == 0 || path[0] == '/', path);
            Assert.DoesNotContain("/../", path + "/", StringComparison.Ordinal);
            Assert.DoesNotContain("/./", path + "/", StringComparison.Ordinal);
            RequestTarget.Query(target);
            RequestTarget.Authority(target);
            RequestTarget.HasNul(target);
        }
    }
}
