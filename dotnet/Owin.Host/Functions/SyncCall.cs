using Owin.Host.Http;

namespace Owin.Host.Functions;

/// <summary>
/// A call that runs on Node's thread, which waits for it. Only methods whose result is there when they return are
/// called so.
/// </summary>
internal sealed class SyncCall(JsEnvironment environment, BoundFunction function, int target, int argumentCount)
    : FunctionCall(environment, function, target, argumentCount)
{
    // A result that did not fit into the call's memory.
    [ThreadStatic]
    static byte[]? kept;

    [ThreadStatic]
    static int running;

    byte[] result = [];
    bool failed;

    /// <summary>This thread is Node's, which waits.</summary>
    public static bool IsRunning => running > 0;

    public override CancellationToken Cancellation => Function.Closing;

    /// <summary>Runs a function; returns its result, or its error's fields where it has failed.</summary>
    public static ReadOnlySpan<byte> Run(
        ulong environmentId,
        int number,
        int target,
        int argumentCount,
        ReadOnlySpan<byte> arguments,
        ReadOnlySpan<JsBuffer> buffers,
        out bool failed
    )
    {
        var environment = JsEnvironments.Get(environmentId);
        var function = environment.FindFunction(number, target);
        if (function == null)
        {
            failed = true;
            return TextFields.Write(ErrorFields.Write(FunctionTable.Gone()));
        }
        var call = new SyncCall(environment, function, target, argumentCount);
        try
        {
            running++;
            var reader = new ValueReader(arguments, environment.CallFunctions(function.Rules), buffers, function.Rules);
            function.Invoke(ref reader, call);
        }
        catch (Exception error)
        {
            call.Throw(error);
        }
        finally
        {
            running--;
        }
        failed = call.failed;
        return call.result;
    }

    /// <summary>The last result of this thread, which was too long.</summary>
    public static void TakeResult(Span<byte> target)
    {
        kept.AsSpan().CopyTo(target);
        kept = null;
    }

    /// <summary>Keeps a result until it is taken.</summary>
    public static void Keep(ReadOnlySpan<byte> result) => kept = result.ToArray();

    public override void Throw(Exception error)
    {
        failed = true;
        result = TextFields.Write(ErrorFields.Write(error, Environment.Id, Environment.Objects.Hold(error)));
    }

    protected override void End(ReadOnlySpan<byte> result) => this.result = result.ToArray();
}
