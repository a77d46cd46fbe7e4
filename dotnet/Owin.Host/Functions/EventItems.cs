using System.Linq.Expressions;
using System.Reflection;
using System.Threading.Channels;
using Owin.Host.Hosting;
using Owin.Host.Types;

namespace Owin.Host.Functions;

/// <summary>
/// An event of an object's as an async iterable: it listens from the beginning on, until the reader stops. What comes
/// faster than it is read waits, up to a limit; beyond that reading fails.
/// <para>Threads: any may raise the event.</para>
/// </summary>
internal sealed class EventItems : IAsyncEnumerable<object?>, IDisposable
{
    const int Limit = 4096;

    readonly Channel<object?> waiting = Channel.CreateBounded<object?>(Limit);
    readonly object source;
    readonly EventInfo found;
    readonly Delegate handler;

    /// <summary>Throws where the object has no event of that name.</summary>
    public EventItems(object source, string name)
    {
        this.source = source;
        var events = source.GetType().GetEvents(Callable.Members);
        found =
            Array.Find(events, each => string.Equals(each.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new OwinException(
                ErrorCodes.FunctionNotFound,
                $"{TypeNames.Show(source.GetType())} has no event '{name}'. It has: "
                    + (events.Length == 0 ? "none" : string.Join(", ", events.Select(each => each.Name)))
                    + "."
            );
        handler = Handler(found.EventHandlerType!);
        found.AddEventHandler(source, handler);
    }

    public async IAsyncEnumerator<object?> GetAsyncEnumerator(CancellationToken cancel = default)
    {
        try
        {
            await foreach (var item in waiting.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
                yield return item;
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Listens no more; also where nobody has begun to read.</summary>
    public void Dispose() => found.RemoveEventHandler(source, handler);

    // What of the arguments is told: those behind the sender; one alone, of several a list.
    Delegate Handler(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        var parameters = Array.ConvertAll(
            invoke.GetParameters(),
            each => Expression.Parameter(each.ParameterType, each.Name)
        );
        bool hasSender =
            parameters.Length > 1 && parameters[0].Type == typeof(object) && parameters[0].Name == "sender";
        var told = parameters.Skip(hasSender ? 1 : 0).Select(each => Expression.Convert(each, typeof(object)));
        var call = Expression.Call(
            Expression.Constant(this),
            typeof(EventItems).GetMethod(nameof(Add), BindingFlags.Instance | BindingFlags.NonPublic)!,
            Expression.NewArrayInit(typeof(object), told)
        );
        Expression body =
            invoke.ReturnType == typeof(void) ? call : Expression.Block(call, Expression.Default(invoke.ReturnType));
        return Expression.Lambda(type, body, parameters).Compile();
    }

    void Add(object?[] told)
    {
        var item = told.Length switch
        {
            0 => null,
            1 => told[0],
            _ => told,
        };
        if (!waiting.Writer.TryWrite(item))
            waiting.Writer.TryComplete(
                new OwinException(
                    ErrorCodes.FunctionQueueFull,
                    $"{Limit} events of {found.Name} wait already to be read."
                )
            );
    }
}
