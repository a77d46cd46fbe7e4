namespace Owin.Host.Hosting;

/// <summary>The kinds of apps, as the option <c>kind</c> and <c>handler.ready</c> name them.</summary>
internal static class AppKinds
{
    /// <summary>What fits is looked for.</summary>
    public const string Auto = "auto";

    /// <summary>An OWIN pipeline, whatever its startup method looks like.</summary>
    public const string Owin = "owin";

    /// <summary>An OWIN pipeline whose startup method takes an IAppBuilder.</summary>
    public const string Katana = "katana";

    /// <summary>A program with a web host of ASP.NET Core's.</summary>
    public const string AspNetCore = "aspnetcore";

    /// <summary>A pipeline of message handlers, of ASP.NET Web API for one.</summary>
    public const string MessageHandler = "messageHandler";
}
