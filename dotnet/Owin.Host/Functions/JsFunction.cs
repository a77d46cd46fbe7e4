using System.Runtime.CompilerServices;

namespace Owin.Host.Functions;

/// <summary>
/// A function of JavaScript's, for as long as .NET has it.
/// <para>Threads: any. The finalizer only posts a frame.</para>
/// </summary>
internal sealed class JsFunction
{
    static readonly ConditionalWeakTable<object, JsFunction> Made = [];

    readonly JsFunctions functions;

    public JsFunction(JsFunctions functions, int number)
    {
        this.functions = functions;
        Number = number;
        if (!functions.IsLasting)
            GC.SuppressFinalize(this);
    }

    ~JsFunction() => functions.Forget(Number);

    public int Number { get; }

    public JsFunctions Functions => functions;

    /// <summary>The signal that it is behind; null: none. Who holds the function so holds the signal.</summary>
    public JsSignal? Signal { get; set; }

    /// <summary>The function behind a delegate that was made of one, so that it arrives in JavaScript as what it was.</summary>
    public static JsFunction? Behind(object made) => Made.TryGetValue(made, out var function) ? function : null;

    /// <summary>That delegate is this function.</summary>
    public void IsBehind(object made) => Made.Add(made, this);

    /// <summary>As OWIN apps know it.</summary>
    public Func<object, Task<object>> AsOwin()
    {
        Func<object, Task<object>> made = argument =>
        {
            try
            {
                var call = new JsCall(this);
                call.Add(argument, "the argument");
                return call.Run<object>();
            }
            catch (Exception error)
            {
                return Task.FromException<object>(error);
            }
        };
        IsBehind(made);
        return made;
    }

    /// <summary>Calls it and reads its result.</summary>
    public async Task<T> Call<T>(byte[] arguments)
    {
        var result = await functions.Begin(Number, arguments).ConfigureAwait(false);
        GC.KeepAlive(this);
        return result.Read<T>();
    }

    /// <summary>Calls it; the result is passed over.</summary>
    public async Task Call(byte[] arguments)
    {
        await functions.Begin(Number, arguments).ConfigureAwait(false);
        GC.KeepAlive(this);
    }

    /// <summary>Calls it; completes when it has ended, however it did. What it throws is JavaScript's own affair.</summary>
    public async Task Tell(byte[] arguments)
    {
        try
        {
            await functions.Begin(Number, arguments).ConfigureAwait(false);
        }
        catch (JsException error)
        {
            UnhandledExceptions.Post(error);
        }
        catch (OwinException)
        {
            // The environment has closed.
        }
        GC.KeepAlive(this);
    }

    /// <summary>Calls it without waiting for its end.</summary>
    public void Post(ReadOnlySpan<byte> arguments)
    {
        functions.Post(Number, arguments);
        GC.KeepAlive(this);
    }
}
