using System.Reflection;
using System.Runtime.CompilerServices;
using Owin.Host.Hosting;

namespace Owin.Host.Functions;

/// <summary>
/// The methods that one name stands for, ready to be called. A method that is not static is called on one object of its
/// type, made for the first call.
/// <para>Threads: any.</para>
/// </summary>
internal sealed class BoundFunction : IDisposable
{
    static readonly ConditionalWeakTable<Type, Invoker> DelegateInvokers = [];

    readonly FunctionLibrary? library;
    readonly IDisposable? owner;
    readonly Invoker[] invokers;
    readonly string name;
    readonly Lazy<object?> instance;
    readonly int concurrency;
    readonly Queue<QueuedCall> waiting = new();
    int running;

    public BoundFunction(FunctionLibrary library, FunctionRequest request)
    {
        this.library = library;
        name = request.Name;
        concurrency = request.Concurrency;
        Priority = request.Priority;
        var methods = MethodLocator.Find(library.Assembly, FunctionName.Parse(name), request.Kind);
        invokers = [.. methods.Select(each => new Invoker(each))];
        instance = new(() => Activator.CreateInstance(invokers[0].Method.DeclaringType!));
    }

    /// <summary>A delegate that JavaScript calls; <paramref name="owner" /> is told when it lets go of it.</summary>
    public BoundFunction(Delegate target, IDisposable? owner = null)
    {
        name = TypeNames.Show(target.GetType());
        Delegate = target;
        Priority = WorkPriority.Normal;
        this.owner = owner;
        invokers = [DelegateInvokers.GetValue(target.GetType(), static type => new(type.GetMethod("Invoke")!))];
        instance = new(target);
    }

    /// <summary>The delegate that this is; null: it is a method by its name.</summary>
    public Delegate? Delegate { get; }

    /// <summary>The assembly it is of. A delegate has none: it lives as long as JavaScript has it.</summary>
    public FunctionLibrary Library => library!;
    public WorkPriority Priority { get; }

    /// <summary>How values are read and written whose type it does not declare.</summary>
    public ValueRules Rules { get; }

    /// <summary>Cancelled when nobody can call it any more.</summary>
    public CancellationToken Closing => library?.Closing ?? default;

    public void Dispose() => owner?.Dispose();

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
