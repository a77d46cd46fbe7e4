using System.Reflection;
using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// The functions of one JavaScript environment, by the numbers JavaScript gave them, the assemblies they are of, and the
/// calls that may be cancelled, or hold signals which nothing else may hold.
/// <para>Threads: any. An assembly is loaded under <c>loading</c>, so twice by nobody.</para>
/// </summary>
internal sealed class FunctionTable
{
    readonly object gate = new();
    readonly object loading = new();

    // By number; replaced when it must grow, so that it is read without the gate.
    volatile BoundFunction?[] functions = new BoundFunction?[16];
    readonly Dictionary<string, FunctionLibrary> libraries = new(StringComparer.Ordinal);
    readonly Dictionary<(int Slot, int Generation), QueuedCall> kept = [];
    volatile bool closed;

    /// <summary>The environment has closed: its calls that wait must not begin, for nobody gives up their threads.</summary>
    public bool IsClosed => closed;

    /// <summary>Makes a method callable. Throws where there is none, or it cannot be called.</summary>
    public BoundFunction Bind(int number, string path, FunctionRequest request)
    {
        lock (loading)
        {
            var library = Open(path);
            try
            {
                var function = new BoundFunction(library, request);
                lock (gate)
                {
                    if (closed)
                        throw new OwinException(
                            ErrorCodes.EnvironmentClosed,
                            "The JavaScript environment closed meanwhile."
                        );
                    Set(number, function);
                }
                library.Functions++;
                return function;
            }
            catch
            {
                Leave(library);
                throw;
            }
        }
    }

    /// <summary>Opens an assembly whose members are bound one by one, for as long as the environment is open.</summary>
    public Assembly Load(string path)
    {
        lock (loading)
        {
            var library = Open(path);
            library.Functions++;
            return library.Assembly;
        }
    }

    FunctionLibrary Open(string path)
    {
        if (!libraries.TryGetValue(path, out var library))
            libraries.Add(path, library = new FunctionLibrary(path));
        return library;
    }

    /// <summary>Lets a function go; calls that run go on.</summary>
    /// <param name="number">It may be none any more.</param>
    /// <param name="keepLibrary">Whether its assembly stays open also without functions.</param>
    public void Unbind(int number, bool keepLibrary)
    {
        lock (loading)
        {
            if (Find(number) is not { } function)
                return;
            lock (gate)
                Set(number, null);
            if (keepLibrary)
                return;
            function.Library.Functions--;
            Leave(function.Library);
        }
    }

    /// <summary>The function of that number, or null.</summary>
    public BoundFunction? Find(int number)
    {
        var all = functions;
        return (uint)number < (uint)all.Length ? all[number] : null;
    }

    /// <summary>What is said where <see cref="Find" /> finds nothing.</summary>
    public static OwinException Gone() => new(ErrorCodes.FunctionClosed, "The function has been closed.");

    void Set(int number, BoundFunction? function)
    {
        if (number >= functions.Length)
        {
            var larger = new BoundFunction?[Math.Max(number + 1, functions.Length * 2)];
            functions.CopyTo(larger, 0);
            functions = larger;
        }
        functions[number] = function;
    }

    void Leave(FunctionLibrary library)
    {
        if (library.Functions == 0 && libraries.Remove(library.Context.Source))
            library.Close();
    }

    /// <summary>A call from the pump.</summary>
    public void Receive(
        JsEnvironment environment,
        int slot,
        int generation,
        int number,
        int target,
        int flags,
        int count,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<JsBuffer> buffers
    )
    {
        if (environment.FindFunction(number, target) is not { } function)
        {
            // JavaScript keeps the functions among the arguments until it hears of each.
            if ((flags & (InvokeFlags.HasFunctions | InvokeFlags.HasProgress)) != 0)
                ValueReader.FunctionsIn(payload, environment.CallFunctions(ValueRules.None));
            FrameWriter.Error(environment.Id, ToJs.Threw, slot, generation, Gone());
            return;
        }
        var call = new QueuedCall(environment, slot, generation, function, target, count, payload.ToArray());
        if ((flags & InvokeFlags.Cancellable) != 0)
            call.MakeCancellable();
        call.Take(flags, buffers);
        if (call.IsKept)
        {
            lock (gate)
                kept.Add((slot, generation), call);
        }
        if (!function.TryQueue(call))
            call.Refuse();
    }

    /// <summary>JavaScript does not want a call any more; it may have ended meanwhile.</summary>
    public void Cancel(int slot, int generation)
    {
        QueuedCall? call;
        lock (gate)
            call = kept.GetValueOrDefault((slot, generation));
        call?.Cancel();
    }

    public void Ended(QueuedCall call)
    {
        lock (gate)
            kept.Remove((call.Slot, call.Generation));
    }

    /// <summary>The environment has closed: its calls are cancelled, its assemblies let go.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            functions = [];
        }
        foreach (var work in FunctionThreads.Current())
        {
            if (work is ICallWork { Call: { } call } && call.Environment.Functions == this)
                call.Leave();
        }
        ThreadPool.UnsafeQueueUserWorkItem(static table => table.LeaveAll(), this, preferLocal: false);
    }

    void LeaveAll()
    {
        lock (loading)
        {
            foreach (var library in libraries.Values)
                library.Close();
            libraries.Clear();
        }
    }
}
