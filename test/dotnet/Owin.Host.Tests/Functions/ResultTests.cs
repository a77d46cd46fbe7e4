using Owin.Host.Functions;
using Owin.Host.Tests.Http;

namespace Owin.Host.Tests.Functions;

public class ResultTests
{
    readonly FailingCall call;

    public ResultTests() => call = new(new FakeNode(_ => Task.CompletedTask).Environment);

    [Fact]
    public void What_the_end_of_a_call_throws_is_what_the_call_has_failed_with()
    {
        var task = new TaskCompletionSource();
        new TaskResult().End(call, task.Task);
        task.SetResult();
        Assert.Equal("no end", call.Failure?.Message);
    }

    [Fact]
    public void So_it_is_with_a_value()
    {
        var task = new TaskCompletionSource<int>();
        new TaskResult<int>().End(call, task.Task);
        task.SetResult(1);
        Assert.Equal("no end", call.Failure?.Message);
    }

    sealed class FailingCall(Owin.Host.Http.JsEnvironment environment)
        : FunctionCall(environment, new BoundFunction(() => { }), 0, 0)
    {
        public Exception? Failure { get; private set; }

        public override CancellationToken Cancellation => default;

        public override void Throw(Exception error) => Failure = error;

        protected override void End(ReadOnlySpan<byte> result) => throw new InvalidOperationException("no end");
    }
}
