namespace Owin.Host.Tests.Http;

static class Patience
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>What should have happened long ago fails the test instead of holding it up.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(Limit);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Limit);
}
