// The same app, built for each version of .NET that can host it.
using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json.Serialization;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.ConfigureHttpJsonOptions(options =>
    options.SerializerOptions.TypeInfoResolverChain.Insert(0, Json.Default)
);
var app = builder.Build();
var target = Assembly.GetExecutingAssembly().GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName;
app.MapGet("/", () => new Answer(target, Environment.Version.Major));
app.MapPost("/", (Answer answer) => answer with { Runtime = answer.Runtime + 1 });
app.Run();

record Answer(string Target, int Runtime);

[JsonSerializable(typeof(Answer))]
sealed partial class Json : JsonSerializerContext;
