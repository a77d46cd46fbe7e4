// An ordinary ASP.NET Core app with something of everything, one file a feature. Runs as well with `dotnet`.
using AspNetFeatures.Features;

var builder = WebApplication.CreateBuilder(args);
builder.AddPages();
builder.AddSecurity();
builder.AddMiddleware();
builder.AddHosted();
builder.AddChat();

var app = builder.Build();
app.UseMiddlewareOfThis();
app.MapPages();
app.MapSecurity();
app.MapMiddleware();
app.MapHosted();
app.MapChat();
app.MapRequests();
app.MapResponses();
app.MapStreams();
app.Run();
