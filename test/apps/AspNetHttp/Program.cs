// What the features of a request do, one path for each thing a test asks for.
using AspNetHttp;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Logging.AddProvider(new NotingLoggerProvider());
Clients.Add(builder);

var app = builder.Build();
app.UseWebSockets();
app.Use(Requests.Log);
app.MapGet("/notes", Notes.Answer);
app.MapGet("/note", (string of) => Notes.Add(of, "from the test"));
Requests.Map(app);
Responses.Map(app);
Lifetime.Map(app);
Bodies.Map(app);
Connections.Map(app);
Clients.Map(app);
app.Run();
