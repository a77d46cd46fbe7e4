namespace Owin.Host;

/// <summary>Numbers that JavaScript and .NET know something by. They are positive: 0 is none.</summary>
internal static class Numbers
{
    /// <summary>The number behind one; behind the largest it is 1 again, which may be taken still.</summary>
    public static int After(int number) => number == int.MaxValue ? 1 : number + 1;
}
