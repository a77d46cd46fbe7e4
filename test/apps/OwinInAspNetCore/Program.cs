using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OwinInAspNetCore;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.UseWebSockets();
app.UseOwin(pipeline =>
{
    pipeline(Pipeline.Stamp);
    pipeline(Pipeline.Routes);
});
app.Run(context =>
    context.Response.WriteAsync($"behind OWIN: {context.Items["pipeline.Note"]} {context.Items["node.OriginalUrl"]}")
);
app.Run();
