namespace Owin.Host.Http;

/// <summary>
/// What apps keep for connections, until these close: JavaScript says when. One for an environment, made when it is first
/// needed.
/// <para>Threads: any; what is kept of one connection is its requests' own to guard.</para>
/// </summary>
internal sealed class ConnectionStates
{
    readonly object gate = new();
    readonly Dictionary<string, Dictionary<object, object?>> states = new(StringComparer.Ordinal);
    readonly Dictionary<int, string> numbers = [];
    int lastNumber;

    /// <summary>What is kept for the exchange's connection.</summary>
    public IDictionary<object, object?> Of(Exchange exchange)
    {
        var connection = exchange.Head.ConnectionId;
        lock (gate)
        {
            if (states.TryGetValue(connection, out var state))
                return state;
            do lastNumber = Numbers.After(lastNumber);
            while (!numbers.TryAdd(lastNumber, connection));
            // Under the gate: the answer must find the number.
            FrameWriter.Signal(exchange, ToJs.WatchConnection, lastNumber);
            return states[connection] = [];
        }
    }

    /// <summary>The connection of that number has closed.</summary>
    public void Closed(int number)
    {
        lock (gate)
        {
            if (numbers.Remove(number, out var connection))
                states.Remove(connection);
        }
    }
}
