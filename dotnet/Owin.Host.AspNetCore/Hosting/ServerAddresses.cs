using System.Collections;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Owin.Host.AspNetCore.Hosting;

/// <summary>
/// Where Node listens, for the app. Who goes through them sees them as they were when he began.
/// <para>Threads: any. Each change is a new array, made under the lock.</para>
/// </summary>
internal sealed class ServerAddresses : IServerAddressesFeature, ICollection<string>
{
    readonly Lock gate = new();
    volatile string[] all = [];

    public ICollection<string> Addresses => this;
    public bool PreferHostingUrls { get; set; }
    public int Count => all.Length;
    public bool IsReadOnly => false;

    public void Add(string item)
    {
        lock (gate)
            all = [.. all, item];
    }

    public bool Remove(string item)
    {
        lock (gate)
        {
            int at = Array.IndexOf(all, item);
            if (at < 0)
                return false;
            all = [.. all[..at], .. all[(at + 1)..]];
            return true;
        }
    }

    public void Clear()
    {
        lock (gate)
            all = [];
    }

    public bool Contains(string item) => all.Contains(item);

    public void CopyTo(string[] array, int arrayIndex) => all.CopyTo(array, arrayIndex);

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)all).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
