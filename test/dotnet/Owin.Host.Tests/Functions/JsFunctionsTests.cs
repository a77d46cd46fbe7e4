using System.Reflection;
using Owin.Host.Functions;
using Owin.Host.Http;
using Owin.Host.Tests.Http;

namespace Owin.Host.Tests.Functions;

public class JsFunctionsTests
{
    const int Number = 7;

    readonly FakeNode node = new(_ => Task.CompletedTask);
    readonly JsFunctions functions;

    public JsFunctionsTests() => functions = new(node.Environment, "test");

    async Task<(Task<object> Call, int Number)> Begin(object? argument = null)
    {
        var call = functions.Get(Number)(argument!);
        var frame = await node.Inbox.Next(ToJs.Call);
        Assert.Equal(Number, frame.Word(ToJsCall.Function));
        return (call, frame.Slot);
    }

    void Complete(int call, bool failed, object value) =>
        JsFunctions.Complete(node.Environment, call, failed, ValueWriter.Write(value, "value"));

    [Fact]
    public async Task A_call_completes_with_its_own_result()
    {
        var first = await Begin("a");
        var second = await Begin("b");
        Complete(second.Number, false, "second");
        Complete(first.Number, false, "first");
        Assert.Equal(["first", "second"], await Task.WhenAll(first.Call, second.Call).InTime());
    }

    [Fact]
    public async Task What_JavaScript_threw_is_a_JsException()
    {
        var (call, number) = await Begin();
        Complete(number, true, new Dictionary<string, object> { ["name"] = "TypeError", ["message"] = "no" });
        var error = await Assert.ThrowsAsync<JsException>(() => call.InTime());
        Assert.Equal(("TypeError", "no", ""), (error.Name, error.Message, error.Code));
    }

    [Fact]
    public async Task A_result_that_cannot_be_read_fails_the_call()
    {
        var (call, number) = await Begin();
        JsFunctions.Complete(node.Environment, number, false, [200]);
        await Assert.ThrowsAsync<OwinException>(() => call.InTime());
    }

    [Fact]
    public async Task An_argument_whose_own_code_throws_fails_the_call()
    {
        static IEnumerable<int> Throwing()
        {
            yield return 1;
            throw new InvalidOperationException("thrown by an argument");
        }
        await Assert.ThrowsAsync<InvalidOperationException>(() => functions.Get(Number)(Throwing()).InTime());
        node.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task The_end_of_the_owner_fails_what_waits_and_what_comes()
    {
        var (call, number) = await Begin();
        functions.Close();
        Assert.Equal("ERR_OWIN_FUNCTION_GONE", (await Assert.ThrowsAsync<OwinException>(() => call.InTime())).Code);
        await Assert.ThrowsAsync<OwinException>(() => functions.Get(Number)(1).InTime());
        Complete(number, false, "late");
        node.Inbox.AssertNoMore();
    }

    [Fact]
    public async Task A_call_that_meets_the_end_of_the_owner_never_waits()
    {
        for (int i = 0; i < 2_000; i++)
        {
            var own = new JsFunctions(node.Environment, "test");
            var call = Task.Run(() => own.Get(Number)(1));
            own.Close();
            await Assert.ThrowsAsync<OwinException>(() => call.InTime());
        }
    }

    [Fact]
    public async Task After_the_largest_number_calls_have_positive_ones_that_no_other_call_has()
    {
        var (waiting, early) = await Begin("waits");
        var last = typeof(JsFunctions).GetField("last", BindingFlags.NonPublic | BindingFlags.Static)!;
        // The last ones before 0, and before one that is taken.
        foreach (int before in new[] { -2, early - 1 })
        {
            last.SetValue(null, before);
            for (int i = 0; i < 3; i++)
            {
                var (call, number) = await Begin();
                Assert.True(number > 0 && number != early, $"{number}");
                Complete(number, false, "result");
                Assert.Equal("result", await call.InTime());
            }
        }
        Complete(early, false, "result");
        Assert.Equal("result", await waiting.InTime());
    }

    [Fact]
    public async Task A_closed_environment_fails_the_call()
    {
        FakeNative.Close(node.Environment.Id);
        await Assert.ThrowsAsync<OwinException>(() => functions.Get(Number)(1).InTime());
    }
}
