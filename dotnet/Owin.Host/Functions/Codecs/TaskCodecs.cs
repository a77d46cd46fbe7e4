namespace Owin.Host.Functions.Codecs;

/// <summary>Tasks in values: Promises, both ways.</summary>
/// <typeparam name="TTask">Task or ValueTask.</typeparam>
internal sealed class TaskCodec<TTask> : ValueCodec<TTask?>
{
    public override TTask? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag != ValueTag.Promise)
            throw Wrong(ref reader, tag);
        var task = reader.Functions.Find(reader.Int()).Call([]);
        return (TTask)(typeof(TTask) == typeof(ValueTask) ? (object)new ValueTask(task) : task);
    }

    public override void Write(ValueWriter writer, TTask? value)
    {
        if (value == null)
        {
            writer.Tag(ValueTag.Null);
            return;
        }
        var task = value is ValueTask once ? once.AsTask() : (Task)(object)value;
        writer.Hold(ValueTag.Task, new BoundFunction((Func<Task>)(() => task)));
    }
}

/// <inheritdoc cref="TaskCodec{TTask}" />
internal sealed class TaskCodec<TTask, T> : ValueCodec<TTask?>
{
    public override TTask? Read(ref ValueReader reader)
    {
        var tag = reader.Tag();
        if (tag != ValueTag.Promise)
            throw Wrong(ref reader, tag);
        var task = reader.Functions.Find(reader.Int()).Call<T>([]);
        return (TTask)(typeof(TTask) == typeof(ValueTask<T>) ? (object)new ValueTask<T>(task) : task);
    }

    public override void Write(ValueWriter writer, TTask? value)
    {
        if (value == null)
        {
            writer.Tag(ValueTag.Null);
            return;
        }
        var task = value is ValueTask<T> once ? once.AsTask() : (Task<T>)(object)value;
        writer.Hold(ValueTag.Task, new BoundFunction((Func<Task<T>>)(() => task)));
    }
}
