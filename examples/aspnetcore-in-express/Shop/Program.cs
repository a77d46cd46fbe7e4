// An ordinary app: `dotnet run` serves it with Kestrel, and nothing in it knows of Node.
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<Orders>();
var app = builder.Build();

app.MapGet("/", (IConfiguration configuration) => $"{configuration["Greeting"]}, welcome to the shop");
app.MapGet("/orders", (Orders orders) => orders.All);
app.MapGet(
    "/orders/{id:int}",
    (int id, Orders orders) => orders.Find(id) is { } order ? Results.Ok(order) : Results.NotFound()
);
app.MapPost(
    "/orders",
    (Order order, Orders orders, HttpContext context, ILogger<Orders> logger) =>
    {
        var id = orders.Add(order);
        logger.LogInformation("Order {Id}: {Count} of {Dish}", id, order.Count, order.Dish);
        return Results.Created($"{context.Request.PathBase}/orders/{id}", order);
    }
);
app.Run();

record Order(string Dish, int Count);

class Orders
{
    readonly List<Order> all = [];

    public IReadOnlyList<Order> All
    {
        get
        {
            lock (all)
                return [.. all];
        }
    }

    public Order? Find(int id) => All.ElementAtOrDefault(id - 1);

    public int Add(Order order)
    {
        lock (all)
        {
            all.Add(order);
            return all.Count;
        }
    }
}
