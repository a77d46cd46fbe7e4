using System.Reflection;

namespace Owin.Host.Functions;

/// <summary>
/// The methods that one name stands for, ready to be called. A method that is not static is called on one object of its
/// type, made for the first call.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class BoundFunction
{
    readonly Invoker[] invokers;
    readonly string name;
    readonly Lazy<object?> instance;
    readonly int concurrency;
    readonly Queue<QueuedCall> waiting = new();
    int running;

    public BoundFunction(FunctionLibrary library, FunctionRequest request)
    {
        Library = library;
        name = request.Name;
        concurrency = request.Concurrency;
        Priority = request.Priority;
        var methods = MethodLocator.Find(library.Assembly, FunctionName.Parse(name), request.Kind);
        invokers = [.. methods.Select(each => new Invoker(each))];
        instance = new(() => Activator.CreateInstance(invokers[0].Method.DeclaringType!));
    }

    public FunctionLibrary Library { get; }
    public WorkPriority Priority { get; }

    /// <summary>Queues a call, or lets it wait for its turn. False: too much waits.</summary>
    public bool TryQueue(QueuedCall call)
    {
        if (concurrency > 0)
        {
            lock (waiting)
            {
                if (running == concurrency)
                {
                    if (waiting.Count >= FunctionThreads.QueueLimit)
                        return false;
                    waiting.Enqueue(call);
                    return true;
                }
                running++;
            }
        }
        return FunctionThreads.TryQueue(call, Priority);
    }

    /// <summary>One of its calls has ended.</summary>
    public void Ended()
    {
        if (concurrency == 0)
            return;
        QueuedCall? next;
        lock (waiting)
        {
            if (!waiting.TryDequeue(out next))
            {
                running--;
                return;
            }
        }
        FunctionThreads.Queue(next, Priority);
    }

    /// <summary>Calls the method that the arguments are for.</summary>
    public void Invoke(ref ValueReader reader, FunctionCall call)
    {
        var invoker = Choose(call.ArgumentCount);
        bool onObject = invoker.Method is MethodInfo { IsStatic: false };
        invoker.Invoke(ref reader, call, onObject ? call.Target ?? instance.Value : null);
    }

    /// <summary>Pairs of name and value that say what was bound.</summary>
    public IReadOnlyList<string> Describe() =>
        [
            "location",
            Library.Context.Source,
            "assembly",
            Library.Assembly.GetName().Name!,
            "name",
            name,
            "signatures",
            string.Join('\n', invokers.Select(each => MethodLocator.Show(each.Method))),
            "immediate",
            invokers.All(each => each.IsImmediate) ? "true" : "false",
        ];

    Invoker Choose(int count)
    {
        foreach (var invoker in invokers)
        {
            if (count >= invoker.ArgumentsLeast && count <= invoker.ArgumentsMost)
                return invoker;
        }
        throw new OwinException(
            ErrorCodes.FunctionArguments,
            $"{name} was called with {count} argument{(count == 1 ? "" : "s")}. It takes: "
                + MethodLocator.List(invokers.Select(each => each.Method))
                + "."
        );
    }
}

/// <summary>What JavaScript wants to be bound.</summary>
internal sealed record FunctionRequest(string Name, MethodKind Kind, int Concurrency, WorkPriority Priority);
