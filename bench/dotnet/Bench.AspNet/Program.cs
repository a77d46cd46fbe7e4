// The app of Bench.Kestrel without what it says to Kestrel and to the harness: Node has both.
using Bench;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapRoutes();
app.Run();
