namespace Acme;

/// <summary>A function of JavaScript's that outlives who gave it: kept for the whole process, whoever has loaded this.</summary>
public static class Kept
{
    const string Name = "Acme.Kept";

    public static void Keep(Func<int, Task<int>> function) => AppDomain.CurrentDomain.SetData(Name, function);

    public static Task<int> Call(int value) => ((Func<int, Task<int>>)AppDomain.CurrentDomain.GetData(Name)!)(value);

    /// <summary>Waits for it on this thread.</summary>
    public static int Wait(int value) => Call(value).Result;

    public static void KeepToken(CancellationToken? token) => AppDomain.CurrentDomain.SetData(Name + ".Token", token);

    public static bool IsCancelled() =>
        ((CancellationToken)AppDomain.CurrentDomain.GetData(Name + ".Token")!).IsCancellationRequested;
}
