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

    /// Reports what it is given, and last of all something that cannot cross.
    public static async Task<int> ReportsType(int before, IProgress<object> progress)
    {
        for (int i = 0; i < before; i++)
            progress.Report(i);
        progress.Report(typeof(string));
        await Task.Yield();
        return 1;
    }

    /// Ends when something that cannot cross waits to be told.
    public static async Task ReportsTypes(IProgress<object> progress)
    {
        for (bool waits = false; !waits; )
        {
            progress.Report("begun");
            try
            {
                progress.Report(typeof(string));
                waits = true;
            }
            catch (Exception)
            {
                // What was begun has been told meanwhile.
            }
        }
        await Task.Yield();
    }

    /// JavaScript gives a value for the second parameter only.
    public static int LengthOf(IProgress<int> progress, byte[] data) => data.Length;

    /// What JavaScript throws passes through.
    public static async Task Through(Func<Task> call)
    {
        await Task.Yield();
        await call();
    }

    public static async Task Around(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception error)
        {
            throw new InvalidOperationException("around", error);
        }
    }

    /// Throws; gives it to JavaScript, which throws it again; says whether it is the same then.
    public static async Task<bool> ComesBack(Func<Func<Task>, Task> call)
    {
        var thrown = new TimeoutException("late");
        try
        {
            await call(() => Task.FromException(thrown));
        }
        catch (Exception error)
        {
            return ReferenceEquals(error, thrown);
        }
        return false;
    }

    public static Task Cancelled() => Task.FromCanceled(new CancellationToken(true));
}
