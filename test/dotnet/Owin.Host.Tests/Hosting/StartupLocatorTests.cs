namespace Owin.Host.Tests.Hosting;

public class StartupLocatorTests
{
    static string Fail(string code, string app, string? type = null, string? method = null)
    {
        var error = Assert.Throws<OwinException>(() => TestApps.Load(TestApps.Built(app), type, method));
        Assert.Equal(code, error.Code);
        return error.Message;
    }

    static string[] Chosen(string app, string? type = null, string? method = null)
    {
        var description = TestApps.Load(TestApps.Built(app), type, method).Describe();
        return [description[7], description[9]];
    }

    [Fact]
    public void By_the_name_of_the_assembly() => Assert.Equal(["Kitchen.Startup", "Invoke"], Chosen("Kitchen"));

    [Fact]
    public async Task A_static_internal_class_in_no_namespace()
    {
        var app = TestApps.Load(TestApps.Built("StaticInvoke"));
        Assert.Equal("static", await app.Ask());
        Assert.Equal(["Startup", "Invoke"], Chosen("StaticInvoke"));
    }

    [Fact]
    public async Task By_type_and_method()
    {
        var app = TestApps.Load(TestApps.Built("OtherName"), "OtherName.Band", "Play");
        Assert.Equal("played by the band", await app.Ask());
    }

    [Fact]
    public async Task A_nested_type()
    {
        var app = TestApps.Load(TestApps.Built("OtherName"), "OtherName.Band+Nested", "Solo");
        Assert.Equal("solo", await app.Ask());
    }

    [Fact]
    public void A_method_alone_is_looked_for_in_the_conventional_type()
    {
        var message = Fail(ErrorCodes.StartupSignature, "Kitchen", method: "Invok");
        Assert.StartsWith("Looked for a public method Invok, static or not, in the type Kitchen.Startup of ", message);
        Assert.Contains("in the type Kitchen.Startup of ", message);
        Assert.Contains(". There is none of that name. Did you mean Invoke?", message);
        Assert.Matches(@"Its public methods: .*Task Invoke\(IDictionary<string, object>\)", message);
    }

    [Fact]
    public void The_handler_is_the_apps_method_itself()
    {
        var handler = TestApps.Load(TestApps.Built("Kitchen")).Handler;
        Assert.Equal("Kitchen.Startup", handler.Method.DeclaringType!.FullName);
        Assert.Equal("Kitchen.Startup", handler.Target!.GetType().FullName);
    }

    [Fact]
    public void Nothing_named_Startup()
    {
        var source = TestApps.Built("NoStartup");
        Assert.Equal(
            $"No startup type was found in {source}. Looked for NoStartup.Startup, then for a type named Startup in "
                + "any namespace. Its public types: NoStartup.Program. Methods that would fit: NoStartup.Program.Run.",
            Fail(ErrorCodes.StartupNotFound, "NoStartup")
        );
    }

    [Fact]
    public void Two_named_Startup()
    {
        var message = Fail(ErrorCodes.StartupConflict, "TwoStartups");
        Assert.EndsWith(": TwoStartups.First.Startup and TwoStartups.Second.Startup.", message);
    }

    [Fact]
    public void The_type_option_decides_between_two() =>
        Assert.Equal(["TwoStartups.Second.Startup", "Invoke"], Chosen("TwoStartups", "TwoStartups.Second.Startup"));

    [Theory]
    [InlineData("OtherName.Bend")]
    [InlineData("OtherName.Band, OtherName")]
    [InlineData("OtherName.Band[")]
    public void A_type_that_is_not_there(string type)
    {
        var message = Fail(ErrorCodes.StartupNotFound, "OtherName", type);
        Assert.StartsWith($"There is no type {type} in {TestApps.Built("OtherName")}.", message);
        Assert.Contains("Its public types: OtherName.Band, OtherName.Band+Nested.", message);
        Assert.Contains("Did you mean OtherName.Band?", message);
        Assert.Contains("Methods that would fit: OtherName.Band+Nested.Solo, OtherName.Band.Play.", message);
    }

    [Fact]
    public void Types_that_cannot_be_loaded_do_not_hide_the_others()
    {
        var message = Fail(ErrorCodes.StartupNotFound, "MissingDependency", "Later");
        Assert.Contains("Its public types: MissingDependency.Later.", message);
    }

    [Fact]
    public void Each_method_is_told_why_it_does_not_fit()
    {
        var message = Fail(ErrorCodes.StartupSignature, "WrongSignature");
        Assert.StartsWith(
            "Looked for a public method Configuration or Invoke, static or not, in the type WrongSignature.Startup of "
                + $"{TestApps.Built("WrongSignature")}, of one of these shapes: void (IAppBuilder), Task (IAppBuilder), ",
            message
        );
        Assert.Equal(
            [
                "  Task Invoke(Dictionary<string, object>): it takes (Dictionary<string, object>)",
                "  Task Invoke(object): it is not public",
                "  Task Invoke<T>(IDictionary<string, T>): it is generic",
                "  ValueTask Invoke(IDictionary<string, object>, int): it takes (IDictionary<string, object>, int)",
                "  void Invoke(IDictionary<string, object>): it returns void, not Task or MidFunc or object",
            ],
            message.Split('\n')[1..].Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("Unconstructible", "it is not static, and its type has no public constructor without parameters")]
    [InlineData("Unfinished", "it is not static, and its type is abstract")]
    [InlineData("Generic`1", "its type is generic")]
    public void A_fitting_method_that_cannot_be_called(string type, string reason)
    {
        var message = Fail(ErrorCodes.StartupSignature, "WrongSignature", $"WrongSignature.{type}");
        Assert.EndsWith($"\n  Task Invoke(IDictionary<string, object>): {reason}", message);
    }
}
