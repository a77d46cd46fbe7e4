namespace AspNetFeatures.Features;

/// Work beside the requests.
static class Hosted
{
    public static void AddHosted(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Work>().AddHostedService(services => services.GetRequiredService<Work>());
        builder.Services.AddScoped<PerRequest>();
    }

    public static void MapHosted(this WebApplication app)
    {
        app.MapPost("/work", async (int number, Work work) => await work.Square(number));
        app.MapGet(
            "/scoped",
            (PerRequest one, IServiceProvider services) =>
                ReferenceEquals(one, services.GetRequiredService<PerRequest>())
        );
    }

    sealed class PerRequest;

    sealed class Work : BackgroundService
    {
        readonly System.Threading.Channels.Channel<(int Number, TaskCompletionSource<int> Done)> jobs =
            System.Threading.Channels.Channel.CreateUnbounded<(int, TaskCompletionSource<int>)>();

        public Task<int> Square(int number)
        {
            var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            jobs.Writer.TryWrite((number, done));
            return done.Task;
        }

        protected override async Task ExecuteAsync(CancellationToken stopping)
        {
            await foreach (var (number, done) in jobs.Reader.ReadAllAsync(stopping))
                done.SetResult(number * number);
        }
    }
}
