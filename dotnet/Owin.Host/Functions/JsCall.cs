namespace Owin.Host.Functions;

/// <summary>
/// One call of a function of JavaScript's through a delegate: its arguments are added, then it begins, in the way that
/// the delegate's result wants. <see cref="Codecs.DelegateCodec{T}" /> compiles the calls of these.
/// <para>Threads: one at a time.</para>
/// </summary>
internal readonly struct JsCall(JsFunction function)
{
    readonly ValueWriter writer = ValueWriter.Rent(function.Functions.Rules, function.Functions.Environment);

    /// <summary>Adds an argument. Throws where it cannot cross.</summary>
    public void Add<T>(T value, string name)
    {
        try
        {
            ValueCodecs.Get<T>().Write(writer, value, name);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Begins it; nobody waits for its end.</summary>
    public void Post()
    {
        using (writer)
            function.Post(writer.Written);
    }

    public Task Run()
    {
        using (writer)
            return function.Call(writer.Written.ToArray());
    }

    public Task<T> Run<T>()
    {
        using (writer)
            return function.Call<T>(writer.Written.ToArray());
    }

    /// <summary>Begins it; completes when it has ended, however it did: what it throws is JavaScript's own affair.</summary>
    public Task Told()
    {
        using (writer)
            return function.Tell(writer.Written.ToArray());
    }

    public ValueTask RunValue() => new(Run());

    public ValueTask<T> RunValue<T>() => new(Run<T>());

    /// <summary>Begins it and waits. Throws on Node's thread, where JavaScript could never answer.</summary>
    public T Wait<T>()
    {
        if (SyncCall.IsRunning)
            throw new OwinException(
                ErrorCodes.FunctionSignature,
                "A function of JavaScript's was called within sync(), and cannot be waited for on Node's own thread."
            );
        return Run<T>().GetAwaiter().GetResult();
    }
}
