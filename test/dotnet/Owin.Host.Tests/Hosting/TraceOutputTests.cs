using Owin.Host.Hosting;

namespace Owin.Host.Tests.Hosting;

public class TraceOutputTests
{
    [Fact]
    public void Lines_of_many_threads_arrive_whole_on_the_error_stream()
    {
        var standardError = Console.Error;
        var written = new StringWriter();
        Console.SetError(written);
        try
        {
            Parallel.For(
                0,
                200,
                i =>
                {
                    TraceOutput.Instance.WriteLine("line {0} of {1}", i, 200);
                    TraceOutput.Instance.WriteLine(i);
                }
            );
            TraceOutput.Instance.Write("end");
            TraceOutput.Instance.Write('.');
            TraceOutput.Instance.Flush();
        }
        finally
        {
            Console.SetError(standardError);
        }
        var lines = written.ToString().Split(Environment.NewLine);
        var expected = Enumerable.Range(0, 200).SelectMany(i => new[] { $"line {i} of 200", $"{i}" }).Append("end.");
        Assert.Equal(expected.Order(), lines.Order());
    }
}
