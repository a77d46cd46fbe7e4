using System.Collections;
using Owin.Host.Functions;
using Owin.Host.Http;

namespace Owin.Host.Tests.Functions;

/// <summary>What .NET writes, .NET can read: the kinds are the same in both directions.</summary>
public class ValueWriterTests
{
    static readonly JsFunctions Functions = new(new JsEnvironment(0), "test");

    static object? Crossed(object? value) => ValueReader.Read(ValueWriter.Write(value, "value"), Functions);

    public static TheoryData<object?, object?> Same =>
        new()
        {
            { null, null },
            { true, true },
            { false, false },
            { 5, 5 },
            { (byte)200, 200 },
            { (short)-3, -3 },
            { uint.MaxValue, (long)uint.MaxValue },
            { long.MinValue, long.MinValue },
            { ulong.MaxValue, ulong.MaxValue },
            { 1.5f, 1.5 },
            { double.NaN, double.NaN },
            { "", "" },
            { "é\ud800\0", "é\ud800\0" },
            { DateTime.UnixEpoch.AddDays(1), DateTime.UnixEpoch.AddDays(1) },
            { new DateTimeOffset(1970, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)), DateTime.UnixEpoch },
        };

    [Theory]
    [MemberData(nameof(Same))]
    public void A_value_arrives(object? value, object? expected) => Assert.Equal(expected, Crossed(value));

    [Fact]
    public void Lists_and_dictionaries_arrive_in_each_other()
    {
        var value = new Dictionary<string, object>
        {
            ["list"] = new object[] { 1, new[] { "a" } },
            ["table"] = new Hashtable { ["b"] = true },
            ["bytes"] = new byte[] { 0, 255 },
        };
        var read = Assert.IsType<Dictionary<string, object>>(Crossed(value));
        var list = Assert.IsType<List<object>>(read["list"]);
        Assert.Equal(["a"], Assert.IsType<List<object>>(list[1]));
        Assert.Equal(true, Assert.IsType<Dictionary<string, object>>(read["table"])["b"]);
        Assert.Equal(new byte[] { 0, 255 }, read["bytes"]);
    }

    public static TheoryData<object, string> Faults
    {
        get
        {
            var cycle = new List<object>();
            cycle.Add(new object[] { cycle });
            object deep = 1;
            for (int i = 0; i < 65; i++)
                deep = new object[] { deep };
            return new()
            {
                { new object[] { 1, typeof(Version) }, "value[1] is a System.RuntimeType" },
                { cycle, "value[0][0] is a part of what it lies in" },
                { deep, "64 lists and objects deep" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_cannot_cross_is_named_with_its_path(object value, string message) =>
        Assert.Contains(message, Assert.Throws<OwinException>(() => ValueWriter.Write(value, "value")).Message);
}
