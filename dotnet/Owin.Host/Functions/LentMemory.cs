using System.Buffers;

namespace Owin.Host.Functions;

/// <summary>
/// Memory of .NET's that one JavaScript environment copies from by itself: large bytes in the results of functions. It is
/// kept in place until JavaScript says that it has.
/// <para>Threads: any.</para>
/// </summary>
/// <param name="last">The number given last.</param>
internal sealed class LentMemory(int last = 0)
{
    // MemoryHandles, as objects: a dictionary of structs would be compiled at each start.
    readonly Dictionary<int, IDisposable> handles = [];
    bool closed;

    public int Count
    {
        get
        {
            lock (handles)
                return handles.Count;
        }
    }

    /// <summary>Keeps memory in place; returns its number and address.</summary>
    public unsafe (int Number, long Address) Lend<T>(ReadOnlyMemory<T> memory)
    {
        var handle = memory.Pin();
        lock (handles)
        {
            do last = Numbers.After(last);
            while (!handles.TryAdd(last, handle));
            if (closed)
                Return(last);
            return (last, (long)handle.Pointer);
        }
    }

    /// <summary>It has been copied, or will not be.</summary>
    public void Return(int number)
    {
        lock (handles)
        {
            if (handles.Remove(number, out var handle))
                handle.Dispose();
        }
    }

    /// <summary>The environment has closed: nobody copies any more.</summary>
    public void Close()
    {
        lock (handles)
        {
            closed = true;
            foreach (var handle in handles.Values)
                handle.Dispose();
            handles.Clear();
        }
    }
}
