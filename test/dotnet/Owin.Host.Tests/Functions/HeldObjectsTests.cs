using System.Reflection;
using Owin.Host.Functions;

namespace Owin.Host.Tests.Functions;

public class HeldObjectsTests
{
    [Fact]
    public void After_the_largest_number_they_begin_anew_past_those_that_are_taken()
    {
        var objects = new HeldObjects(int.MaxValue - 1);
        Assert.Equal(int.MaxValue, objects.Add("largest"));
        Assert.Equal(1, objects.Add("first"));
        Assert.Equal(2, objects.Hold(new InvalidOperationException()));
        Assert.Equal("largest", objects.Get(int.MaxValue));

        var around = new HeldObjects();
        Assert.Equal(1, around.Add("stays"));
        typeof(HeldObjects)
            .GetFields(BindingFlags.NonPublic | BindingFlags.Instance)
            .Single(each => each.FieldType == typeof(int))
            .SetValue(around, int.MaxValue);
        Assert.Equal(2, around.Add("next"));
        Assert.Equal("stays", around.Get(1));
    }

    [Fact]
    public void What_was_let_go_is_found_no_more()
    {
        var objects = new HeldObjects();
        int number = objects.Add("held");
        Assert.Equal("held", objects.Take(number));
        Assert.Null(objects.Find(number));
        Assert.Equal("ERR_OWIN_FUNCTION_CLOSED", Assert.Throws<OwinException>(() => objects.Get(number)).Code);
    }
}
