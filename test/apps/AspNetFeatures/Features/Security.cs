using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;

namespace AspNetFeatures.Features;

/// Cookies that sign in, tokens against forged requests, protected data.
static class Security
{
    public static void AddSecurity(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication().AddCookie();
        builder.Services.AddAuthorization(options =>
            options.AddPolicy("named Ella", each => each.RequireUserName("Ella"))
        );
        builder.Services.AddAntiforgery();
        var keys = builder.Services.AddDataProtection().SetApplicationName("features");
        if (builder.Configuration["Keys"] is { } folder)
            keys.PersistKeysToFileSystem(new(folder));
    }

    public static void MapSecurity(this WebApplication app)
    {
        app.MapPost("/sign-in", SignIn);
        app.MapPost("/sign-out", (HttpContext context) => context.SignOutAsync());
        app.MapGet("/me", (ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization();
        app.MapGet("/ella", () => "Ella").RequireAuthorization("named Ella");
        app.MapGet(
            "/token",
            (HttpContext context, IAntiforgery forgery) => forgery.GetAndStoreTokens(context).RequestToken
        );
        app.MapPost("/guarded", ([FromForm] string name) => $"not forged: {name}");
        app.MapGet(
            "/protect",
            (string text, IDataProtectionProvider data) => data.CreateProtector("test").Protect(text)
        );
        app.MapGet(
            "/unprotect",
            (string text, IDataProtectionProvider data) => data.CreateProtector("test").Unprotect(text)
        );
    }

    static Task SignIn(HttpContext context, string name)
    {
        var identity = new ClaimsIdentity(
            [new(ClaimTypes.Name, name)],
            CookieAuthenticationDefaults.AuthenticationScheme
        );
        return context.SignInAsync(new(identity));
    }
}
