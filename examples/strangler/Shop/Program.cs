var app = WebApplication.CreateBuilder(args).Build();

// Moved from JavaScript: from the moment an endpoint is here, it answers.
app.MapGet("/prices", () => new { tea = 2, coffee = 3 });
app.MapGet("/orders/{id:int}", (int id) => new { id, from = ".NET" });

app.Run();
