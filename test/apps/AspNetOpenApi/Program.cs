using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOpenApi();

// Numbers of requests are numbers, not texts as well.
builder.Services.ConfigureHttpJsonOptions(options =>
    options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict
);
var app = builder.Build();
if (app.Environment.IsDevelopment())
    app.MapOpenApi();

var orders = new Dictionary<int, Order> { [1] = new(1, "Ada", ["tea"], null) };
app.MapGet(
    "/orders/{id}",
    Results<Ok<Order>, NotFound> (int id) =>
        orders.TryGetValue(id, out var order) ? TypedResults.Ok(order) : TypedResults.NotFound()
);
app.MapPost(
    "/orders",
    (NewOrder order) =>
    {
        int id = orders.Count + 1;
        orders[id] = new(id, order.Customer, order.Articles, null);
        return TypedResults.Created($"/orders/{id}", orders[id]);
    }
);
app.MapGet("/text", () => "text");
app.Run();

record Order(int Id, string Customer, string[] Articles, string? Note);

record NewOrder(string Customer, string[] Articles);
