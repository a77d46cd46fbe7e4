namespace Owin.Host.Http;

/// <summary>Ids for <c>owin.RequestId</c>: unique in this process, and across processes by its start.</summary>
internal static class RequestIds
{
    static readonly string Prefix = Convert.ToHexString(BitConverter.GetBytes(DateTime.UtcNow.Ticks)[..6]);
    static long last;

    public static string Next() => $"{Prefix}:{Interlocked.Increment(ref last):x}";
}
