namespace Marshalling;

/// Functions of both sides.
public static class Functions
{
    static readonly List<Func<int, Task<int>>> Kept = [];

    public static async Task<string> CallAll(
        Func<string, int, Task<string>> two,
        Func<Task> none,
        Func<Point, ValueTask<Point?>> record
    )
    {
        await none();
        return $"{await two("a", 2)} {await record(new Point(1, 2))}";
    }

    public static int Wait(Func<int, int> function, int value) => function(value) + 1;

    public static void Post(Action<string> function)
    {
        function("first");
        function("second");
    }

    public static async Task<string> Failing(Func<Task> function)
    {
        try
        {
            await function();
            return "nothing";
        }
        catch (Exception error)
        {
            return $"{error.GetType().Name}: {error.Message}";
        }
    }

    public static void Keep(Func<int, Task<int>> function) => Kept.Add(function);

    public static Task<int> CallKept(int value) => Kept[^1](value);

    public static void LetGo() => Kept.Clear();

    /// Calls a function whose result it does not want.
    public static async Task PassOver(Func<Task> function) => await function();

    /// Reads of its result no more than the number.
    public static async Task<int> ReadPart(Func<Task<Numbered>> function) => (await function()).Number;

    public static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    public static Func<int, int, int> Adder(int start) => (a, b) => start + a + b;

    public static Func<Func<int, Task<int>>, Task<int>> Twice() => async function => await function(await function(1));

    public static Func<int, Task<int>> Same(Func<int, Task<int>> function) => function;

    public static bool IsSame(Func<int, int, int> one, Func<int, int, int> other) => ReferenceEquals(one, other);

    public static object Members() => new { Sum = (Func<int, int, int>)((a, b) => a + b), Name = "members" };

    public static async Task<int> AwaitBoth(Task<int> one, Task other)
    {
        await other;
        return await one;
    }

    public static List<Task<int>> Tasks() => [Task.FromResult(1), Task.Run(() => 2)];
}

/// A part of an object.
public sealed record Numbered(int Number);

/// An object with an event.
public sealed class Source
{
    public event EventHandler<int>? Changed;

    public event Action<long>? Counted;

    public void Count(long value) => Counted?.Invoke(value);

    public void Raise(int value) => Changed?.Invoke(this, value);

    public int Listeners() => (Changed?.GetInvocationList().Length ?? 0) + (Counted?.GetInvocationList().Length ?? 0);
}
