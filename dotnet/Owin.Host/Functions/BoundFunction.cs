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
    static readonly ConditionalWeakTable<Type, Overload> Delegates = [];

    readonly FunctionLibrary? library;
    readonly IDisposable? owner;
    readonly Overload[] overloads;
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
        Rules = request.Rules;
        Priority = request.Priority;
        var methods = MethodLocator.Find(library.Assembly, FunctionName.Parse(name), request.Kind);
        overloads = Callable(methods);
        instance = new(() => CreateInstance(methods[0].ReflectedType!));
    }

    /// <summary>A delegate that JavaScript calls; <paramref name="owner" /> is told when it lets go of it.</summary>
    public BoundFunction(Delegate target, IDisposable? owner = null, ValueRules rules = ValueRules.None)
    {
        Rules = rules;
        name = TypeNames.Show(target.GetType());
        Delegate = target;
        Priority = WorkPriority.Normal;
        this.owner = owner;
        overloads = [Delegates.GetValue(target.GetType(), static type => new(type.GetMethod("Invoke")!))];
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
                    FunctionCounts.Wait();
                    return true;
                }
                running++;
            }
        }
        if (FunctionThreads.TryQueue(call, Priority))
            return true;
        Ended();
        return false;
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
        FunctionCounts.StopWaiting();
        FunctionThreads.Queue(next, Priority);
    }

    /// <summary>Calls the method that the arguments are for.</summary>
    public void Invoke(ref ValueReader reader, FunctionCall call)
    {
        var overload = overloads.Length == 1 ? overloads[0] : Choose(reader, call.ArgumentCount);
        if (!overload.Takes(call.ArgumentCount))
            throw WrongCount(call.ArgumentCount);
        bool onObject = overload.Method is MethodInfo { IsStatic: false };
        overload
            .Compiled(reader, call.ArgumentCount)
            .Invoke(ref reader, call, onObject ? call.Target ?? instance.Value : null);
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
            string.Join('\n', overloads.Select(each => MethodLocator.Show(each.Method))),
            "parameters",
            overloads.Length == 1 ? string.Join(',', overloads[0].Values.Select(each => each.Name)) : "",
            "immediate",
            overloads.All(each => each.IsImmediate) ? "true" : "false",
        ];

    // Of those that can be called one must be left.
    static Overload[] Callable(MethodBase[] methods)
    {
        var overloads = new List<Overload>();
        OwinException? refused = null;
        foreach (var method in methods)
        {
            try
            {
                overloads.Add(new Overload(method));
            }
            catch (OwinException error)
            {
                refused = error;
            }
        }
        return overloads.Count > 0 ? [.. overloads] : throw refused!;
    }

    static object? CreateInstance(Type type) =>
        type.IsAbstract || !type.IsValueType && type.GetConstructor(Type.EmptyTypes) == null
            ? throw new OwinException(
                ErrorCodes.FunctionSignature,
                $"{type} has no public constructor without parameters, so its methods need an object that "
                    + "`owin.load()` has made."
            )
            : Activator.CreateInstance(type);

    Overload Choose(ValueReader arguments, int count)
    {
        var fitting = overloads.Where(each => each.Takes(count)).ToArray();
        if (fitting.Length <= 1)
            return fitting.Length == 1 ? fitting[0] : throw WrongCount(count);
        var best = fitting[0];
        int most = 0;
        bool several = false;
        foreach (var each in fitting)
        {
            int fit = each.Fit(arguments, count);
            if (fit < most)
                continue;
            several = fit == most;
            (best, most) = (each, fit);
        }
        if (most > 0 && !several)
            return best;
        var what = most == 0 ? "takes these arguments" : "is meant alone by these arguments";
        throw new OwinException(
            ErrorCodes.FunctionArguments,
            $"No overload of {name} {what}: ({ArgumentKinds(arguments, count)}). There are: {Listed}."
        );
    }

    static string ArgumentKinds(ValueReader arguments, int count)
    {
        var kinds = new string[count];
        for (int i = 0; i < count; i++)
        {
            kinds[i] = arguments.Peek().ToString();
            arguments.Skip();
        }
        return string.Join(", ", kinds);
    }

    string Listed => MethodLocator.List(overloads.Select(each => each.Method));

    OwinException WrongCount(int count) =>
        new(
            ErrorCodes.FunctionArguments,
            $"{name} was called with {count} argument{(count == 1 ? "" : "s")}. It takes: {Listed}."
        );
}

/// <summary>What JavaScript wants to be bound.</summary>
internal sealed record FunctionRequest(
    string Name,
    MethodKind Kind,
    int Concurrency,
    WorkPriority Priority,
    ValueRules Rules = ValueRules.None
);
