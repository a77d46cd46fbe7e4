using System.Text.Json;

namespace Bench.Kestrel;

/// <summary>The harness's side channel: one JSON line on stdout for each line on stdin.</summary>
public static class Control
{
    /// <summary>Says where the server listens, then answers until stdin ends.</summary>
    public static async Task Run(int port)
    {
        Say(new { port });
        while (await Console.In.ReadLineAsync() is { } command)
        {
            Say(
                command == "cpu"
                    ? new { ok = (long)Environment.CpuUsage.TotalTime.TotalMicroseconds }
                    : new { error = $"unknown command '{command}'" } as object
            );
        }
    }

    private static void Say(object answer) => Console.WriteLine(JsonSerializer.Serialize(answer));
}
