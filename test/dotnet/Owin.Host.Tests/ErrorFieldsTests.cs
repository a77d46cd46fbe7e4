using System.Reflection;

namespace Owin.Host.Tests;

public class ErrorFieldsTests
{
    sealed record Node(
        string Depth,
        string Relation,
        string Name,
        string Message,
        string Stack,
        string Code,
        string HResult,
        string Data,
        string Number
    );

    static Node[] Write(Exception exception) =>
        [
            .. ErrorFields
                .Write(exception)
                .Chunk(ErrorFields.FieldsPerError)
                .Select(each => new Node(
                    each[0],
                    each[1],
                    each[2],
                    each[3],
                    each[4],
                    each[5],
                    each[6],
                    each[7],
                    each[8]
                )),
        ];

    static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }

    [Fact]
    public void An_exception_that_was_never_thrown_has_no_stack()
    {
        var node = Assert.Single(Write(new InvalidOperationException("no")));
        Assert.Equal(new Node("0", "", "System.InvalidOperationException", "no", "", "", "-2146233079", "", "0"), node);
    }

    [Fact]
    public void The_stack_names_method_file_and_line()
    {
        var node = Assert.Single(Write(Thrown(new InvalidOperationException("no"))));
        Assert.Matches(
            @"at Owin\.Host\.Tests\.ErrorFieldsTests\.Thrown\(.*\) in .*ErrorFieldsTests\.cs:line \d+",
            node.Stack
        );
        Assert.DoesNotContain("System.InvalidOperationException", node.Stack);
    }

    [Fact]
    public async Task The_stack_goes_through_awaits()
    {
        static async Task Inner()
        {
            await Task.Yield();
            throw new InvalidOperationException("no");
        }
        static async Task Outer() => await Inner();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(Outer);
        var node = Assert.Single(Write(error));
        Assert.Contains("Inner", node.Stack);
        Assert.Contains("Outer", node.Stack);
    }

    [Fact]
    public void An_error_of_owin_has_its_code()
    {
        var node = Assert.Single(Write(new OwinException(ErrorCodes.AppNotFound, "gone")));
        Assert.Equal(("OwinError", "gone", "ERR_OWIN_APP_NOT_FOUND"), (node.Name, node.Message, node.Code));
    }

    [Fact]
    public void Causes_follow_in_order()
    {
        var error = new Exception("a", new FormatException("b", new TimeoutException("c")));
        Assert.Equal(["0  a", "1 cause b", "2 cause c"], Outline(error));
    }

    [Fact]
    public void An_aggregate_has_errors_and_no_cause()
    {
        var error = new AggregateException("two", new Exception("a", new Exception("a1")), new Exception("b"));
        Assert.Equal(["0  two (a) (b)", "1 errors a", "2 cause a1", "1 errors b"], Outline(error));
    }

    [Fact]
    public void An_aggregate_within_is_the_cause_and_has_its_errors()
    {
        var error = new Exception("top", new AggregateException("two", new Exception("a"), new Exception("b")));
        Assert.Equal(["0  top", "1 cause two (a) (b)", "2 errors a", "2 errors b"], Outline(error));
    }

    [Fact]
    public void Loader_exceptions_are_errors()
    {
        var error = new ReflectionTypeLoadException(
            [null, null],
            [new TypeLoadException("a"), null, new Exception("b")]
        );
        Assert.Equal(["1 errors a", "1 errors b"], Outline(error)[1..]);
    }

    [Fact]
    public void Invocation_wrappers_are_left_out_at_every_level()
    {
        var inner = new TargetInvocationException(new TargetInvocationException(new FormatException("b")));
        var error = new TargetInvocationException(new Exception("a", inner));
        Assert.Equal(["0  a", "1 cause b"], Outline(error));
    }

    [Fact]
    public void A_wrapper_around_nothing_stays()
    {
        var node = Assert.Single(Write(new TargetInvocationException("empty", null)));
        Assert.Equal("System.Reflection.TargetInvocationException", node.Name);
    }

    [Fact]
    public void Names_of_nested_and_generic_types_are_whole()
    {
        var node = Assert.Single(Write(new GenericException<int>()));
        Assert.Equal("Owin.Host.Tests.ErrorFieldsTests+GenericException`1[System.Int32]", node.Name);
    }

    [Fact]
    public void Throwing_getters_are_survived()
    {
        var node = Assert.Single(Write(Thrown(new HostileException())));
        Assert.Equal("(Message could not be read: it threw System.NotSupportedException)", node.Message);
        Assert.Equal("(StackTrace could not be read: it threw System.NotSupportedException)", node.Stack);
    }

    [Fact]
    public void A_null_message_is_empty() => Assert.Equal("", Assert.Single(Write(new NullMessageException())).Message);

    [Fact]
    public void A_cycle_ends_where_it_closes()
    {
        var loaderExceptions = new Exception?[] { null, new Exception("a") };
        var error = new ReflectionTypeLoadException([null], loaderExceptions, "cycle");
        loaderExceptions[0] = new Exception("back", error);
        Assert.Equal(["1 errors back", "1 errors a"], Outline(error)[1..]);
    }

    [Fact]
    public void The_same_exception_twice_is_no_cycle()
    {
        var shared = new Exception("shared");
        Assert.Equal(3, Write(new AggregateException(shared, shared)).Length);
    }

    [Fact]
    public void The_depth_is_limited()
    {
        var error = new Exception("end");
        for (var i = 0; i < 1000; i++)
            error = new Exception("link", error);
        Assert.Equal(ErrorFields.MaxDepth, Write(error).Length);
    }

    [Fact]
    public void The_number_is_limited()
    {
        var error = new AggregateException(Enumerable.Range(0, 1000).Select(i => new Exception($"{i}")));
        Assert.Equal(ErrorFields.MaxNodes, Write(error).Length);
    }

    [Fact]
    public void Data_that_has_a_text_comes_along()
    {
        var error = new Exception("no")
        {
            Data =
            {
                ["SqlState"] = "23505",
                ["Line"] = 7,
                ["With\u001fseparator"] = "a\u001fb",
                ["Object"] = new object(),
                ["Null"] = null,
                [7] = "no name",
            },
        };
        Assert.Equal(
            "\u001fSqlState\u001f23505\u001fLine\u001f7\u001fWith separator\u001fa b",
            Assert.Single(Write(error)).Data
        );
        Assert.Equal("", Assert.Single(Write(new Exception("none"))).Data);
    }

    static string[] Outline(Exception error) =>
        [.. Write(error).Select(each => $"{each.Depth} {each.Relation} {each.Message}")];

    sealed class GenericException<T> : Exception;

    sealed class HostileException : Exception
    {
        public override string Message => throw new NotSupportedException();
        public override string StackTrace => throw new NotSupportedException();
    }

    sealed class NullMessageException : Exception
    {
        public override string Message => null!;
    }
}
