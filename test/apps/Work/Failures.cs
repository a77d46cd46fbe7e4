namespace Acme;

public static class Failures
{
    public static async Task Caused()
    {
        await Task.Yield();
        try
        {
            throw new ArgumentException("inner", "value");
        }
        catch (Exception error)
        {
            throw new InvalidOperationException("outer", error);
        }
    }

    public static Task Several() =>
        Task.WhenAll(
            Task.FromException(new InvalidOperationException("one")),
            Task.FromException(new TimeoutException("two"))
        );

    public static Task? NullTask() => null;

    public static Type CannotCross() => typeof(string);

    public static async Task<Type> CannotCrossLater()
    {
        await Task.Yield();
        return typeof(string);
    }

    public static Task Cancelled() => Task.FromCanceled(new CancellationToken(true));
}
