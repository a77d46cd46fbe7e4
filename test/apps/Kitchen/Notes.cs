using System.Collections.Concurrent;

namespace Kitchen;

/// <summary>
/// What handlers saw when nobody could be told, kept by topic. A test asks for a topic's notes and waits in the
/// request until there are enough of them, so it needs no polling. Any thread.
/// </summary>
static class Notes
{
    static readonly ConcurrentDictionary<string, Topic> Topics = new();

    public static void Add(string topic, string note) => TopicOf(topic).Add(note);

    /// <summary>The topic's notes as soon as there are so many.</summary>
    public static Task<string[]> Wait(string topic, long count, CancellationToken cancel) =>
        TopicOf(topic).Wait(count, cancel);

    static Topic TopicOf(string name) => Topics.GetOrAdd(name, static _ => new Topic());

    sealed class Topic
    {
        readonly Lock gate = new();
        TaskCompletionSource changed = NewSignal();
        string[] notes = [];

        public void Add(string note)
        {
            TaskCompletionSource signal;
            lock (gate)
            {
                notes = [.. notes, note];
                signal = changed;
                changed = NewSignal();
            }
            signal.SetResult();
        }

        public async Task<string[]> Wait(long count, CancellationToken cancel)
        {
            while (true)
            {
                Task signal;
                lock (gate)
                {
                    if (notes.Length >= count)
                        return notes;
                    signal = changed.Task;
                }
                await signal.WaitAsync(cancel);
            }
        }

        static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
