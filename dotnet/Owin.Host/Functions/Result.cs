namespace Owin.Host.Functions;

/// <summary>
/// Ends a call with what a method has returned. Threads: any; a Task ends its call on the thread that completes it.
/// </summary>
internal abstract class Result<T>
{
    public abstract void End(FunctionCall call, T value);
}

internal sealed class ValueResult<T> : Result<T>
{
    public override void End(FunctionCall call, T value) => call.Return(value);
}

/// <summary>Of a constructor: JavaScript gets the number by which the object is held.</summary>
internal sealed class ObjectResult<T> : Result<T>
{
    public override void End(FunctionCall call, T value) => call.Return(call.Environment.Objects.Add(value!));
}

internal sealed class TaskResult : Result<Task?>
{
    public override void End(FunctionCall call, Task? task)
    {
        if (task == null)
            throw NullTask();
        if (task.IsCompletedSuccessfully)
            call.Return();
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Finish(call, task));
    }

    // Nobody else catches what is thrown here.
    static void Finish(FunctionCall call, Task task)
    {
        try
        {
            if (task.IsCompletedSuccessfully)
                call.Return();
            else
                call.Throw(Failure(task));
        }
        catch (Exception error)
        {
            call.Throw(error);
        }
    }

    /// <summary>What a Task that has ended has failed with.</summary>
    public static Exception Failure(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            // Of several, as Task.WhenAll has them, all are told of.
            return task.Exception is { InnerExceptions.Count: > 1 } all ? all : error;
        }
        throw new InvalidOperationException("A Task was expected to have failed.");
    }

    public static OwinException NullTask() => new(ErrorCodes.NullTask, "The function returned null instead of a Task.");
}

internal sealed class TaskResult<T> : Result<Task<T>?>
{
    public override void End(FunctionCall call, Task<T>? task)
    {
        if (task == null)
            throw TaskResult.NullTask();
        if (task.IsCompletedSuccessfully)
            call.Return(task.Result);
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Finish(call, task));
    }

    static void Finish(FunctionCall call, Task<T> task)
    {
        try
        {
            if (task.IsCompletedSuccessfully)
                call.Return(task.Result);
            else
                call.Throw(TaskResult.Failure(task));
        }
        catch (Exception error)
        {
            // The result cannot cross.
            call.Throw(error);
        }
    }
}

internal sealed class ValueTaskResult : Result<ValueTask>
{
    static readonly TaskResult tasks = new();

    public override void End(FunctionCall call, ValueTask task)
    {
        if (task.IsCompletedSuccessfully)
        {
            task.GetAwaiter().GetResult();
            call.Return();
        }
        else
            tasks.End(call, task.AsTask());
    }
}

internal sealed class ValueTaskResult<T> : Result<ValueTask<T>>
{
    static readonly TaskResult<T> tasks = new();

    public override void End(FunctionCall call, ValueTask<T> task)
    {
        if (task.IsCompletedSuccessfully)
            call.Return(task.Result);
        else
            tasks.End(call, task.AsTask());
    }
}
