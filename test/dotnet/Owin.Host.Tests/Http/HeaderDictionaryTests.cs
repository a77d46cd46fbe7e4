using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

public class HeaderDictionaryTests
{
    static IDictionary<string, string[]> Create(params string[] names)
    {
        var headers = new HeaderDictionary();
        foreach (var name in names)
            headers.Add(name, [name]);
        return headers;
    }

    [Fact]
    public void Names_compare_without_case_and_keep_the_first_casing()
    {
        var headers = Create("X-One");
        headers["x-ONE"] = ["2"];
        Assert.Equal(["2"], headers["X-one"]);
        Assert.Equal(["X-One"], headers.Keys);
        Assert.True(headers.ContainsKey("x-one"));
    }

    [Fact]
    public void Lines_of_a_name_are_one_entry()
    {
        var headers = new HeaderDictionary();
        headers.AddLine("A", "1");
        headers.AddLine("B", "2");
        headers.AddLine("a", "3,4");
        Assert.Equal(["1", "3,4"], headers["A"]);
        Assert.Equal(["A", "B"], headers.Keys);
    }

    [Fact]
    public void Arrays_go_in_as_copies()
    {
        var headers = Create();
        string[] set = ["1"],
            added = ["2"];
        headers["Set"] = set;
        headers.Add("Added", added);
        set[0] = added[0] = "changed";
        Assert.Equal(["1"], headers["Set"]);
        Assert.Equal(["2"], headers["Added"]);
    }

    [Fact]
    public void Arrays_come_out_as_copies()
    {
        var headers = Create("A");
        headers["A"][0] = "changed";
        headers.TryGetValue("A", out var value);
        value![0] = "changed";
        headers.Values.Single()[0] = "changed";
        headers.Single().Value[0] = "changed";
        var entries = new KeyValuePair<string, string[]>[1];
        headers.CopyTo(entries, 0);
        entries[0].Value[0] = "changed";
        Assert.Equal(["A"], headers["A"]);
    }

    [Fact]
    public void A_null_and_an_empty_value_are_kept()
    {
        var headers = Create();
        headers["Null"] = null!;
        headers["Empty"] = [];
        Assert.True(headers.TryGetValue("Null", out var value));
        Assert.Null(value);
        Assert.Empty(headers["Empty"]);
        Assert.Equal(2, headers.Count);
    }

    [Fact]
    public void Missing_doubled_and_null_names_throw()
    {
        var headers = Create("A");
        Assert.Contains("'B'", Assert.Throws<KeyNotFoundException>(() => headers["B"]).Message);
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => headers.Add("a", [])).Message);
        Assert.Throws<ArgumentNullException>(() => headers[null!]);
        Assert.Throws<ArgumentNullException>(() => headers[null!] = []);
        Assert.Throws<ArgumentNullException>(() => headers.Add(null!, []));
        Assert.Throws<ArgumentNullException>(() => headers.Remove(null!));
        Assert.Throws<ArgumentNullException>(() => headers.ContainsKey(null!));
        Assert.Equal(["A"], headers.Keys);
    }

    public static TheoryData<string, Action<IDictionary<string, string[]>>> Changes =>
        new()
        {
            { "set", headers => headers["A"] = ["2"] },
            { "set another", headers => headers["B"] = [] },
            { "add", headers => headers.Add("B", []) },
            { "remove", headers => headers.Remove("A") },
            { "remove a missing one", headers => headers.Remove("B") },
            { "remove an entry", headers => headers.Remove(headers.First()) },
            { "clear", headers => headers.Clear() },
        };

    [Theory]
    [MemberData(nameof(Changes), DisableDiscoveryEnumeration = true)]
    public void Locked_headers_can_be_read_and_not_changed(string change, Action<IDictionary<string, string[]>> make)
    {
        var headers = new HeaderDictionary();
        headers.Add("A", ["1"]);
        headers.Lock();
        var error = Assert.Throws<InvalidOperationException>(() => make(headers));
        Assert.Contains("The response has started", error.Message);
        Assert.True(headers.IsReadOnly, change);
        Assert.Equal(["1"], headers["A"]);
        Assert.Single(headers);
    }

    [Theory]
    [MemberData(nameof(Generator.Seeds), 20, MemberType = typeof(Generator))]
    public void It_behaves_as_a_dictionary(int seed)
    {
        var generator = new Generator(seed);
        // Few names stay below the limit of the linear search, many go beyond it and back.
        string[] names = [.. Enumerable.Range(0, generator.Pick(5, 17, 60)).Select(i => $"Name-{i}")];
        var headers = Create();
        var model = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        // Order of the model: a Dictionary fills holes, headers do not.
        var order = new List<string>();
        for (int i = 0; i < 600; i++)
        {
            var name = generator.Pick(names);
            if (generator.Chance(50))
                name = generator.Chance(50) ? name.ToUpperInvariant() : name.ToLowerInvariant();
            string[] value = [$"{i}", "x"];
            bool present = model.ContainsKey(name);
            switch (generator.Below(9))
            {
                case 0 or 1 or 2:
                    headers[name] = model[name] = value;
                    if (!present)
                        order.Add(name);
                    break;
                case 3 when present:
                    Assert.Throws<ArgumentException>(() => headers.Add(name, value));
                    break;
                case 3:
                    headers.Add(name, value);
                    model.Add(name, value);
                    order.Add(name);
                    break;
                case 4 or 5:
                    Assert.Equal(model.Remove(name), headers.Remove(name));
                    order.RemoveAll(each => each.Equals(name, StringComparison.OrdinalIgnoreCase));
                    break;
                case 6 when present:
                    Assert.Equal(model[name], headers[name]);
                    Assert.True(headers.Contains(new(name, model[name])));
                    Assert.False(headers.Contains(new(name, ["other"])));
                    Assert.False(headers.Remove(new KeyValuePair<string, string[]>(name, ["other"])));
                    break;
                case 6:
                    Assert.Throws<KeyNotFoundException>(() => headers[name]);
                    Assert.False(headers.TryGetValue(name, out _));
                    break;
                case 7 when generator.Chance(3):
                    headers.Clear();
                    model.Clear();
                    order.Clear();
                    break;
                default:
                    Assert.Equal(present, headers.ContainsKey(name));
                    break;
            }
            AssertSame(order, model, headers);
        }
    }

    static void AssertSame(
        List<string> order,
        Dictionary<string, string[]> model,
        IDictionary<string, string[]> headers
    )
    {
        Assert.Equal(model.Count, headers.Count);
        Assert.Equal(order, headers.Keys);
        Assert.Equal(order.Select(name => model[name]), headers.Values);
        var entries = new KeyValuePair<string, string[]>[model.Count + 1];
        headers.CopyTo(entries, 1);
        Assert.Equal(order, entries.Skip(1).Select(each => each.Key));
        Assert.Equal(order, headers.Select(each => each.Key));
    }
}
