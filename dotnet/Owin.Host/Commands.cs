using Owin.Host.Functions;
using Owin.Host.Hosting;
using Owin.Host.Http;
using Owin.Host.Types;

namespace Owin.Host;

/// <summary>What JavaScript asks for outside of requests. Each runs on the thread pool and answers once.</summary>
internal static class Commands
{
    public static void Queue(JsEnvironment environment, int number, string[] fields) =>
        ThreadPool.UnsafeQueueUserWorkItem(new Command(environment, number, fields), preferLocal: false);

    sealed class Command(JsEnvironment environment, int number, string[] fields) : IThreadPoolWorkItem
    {
        public void Execute() => Run(environment, number, fields);
    }

    static void Run(JsEnvironment environment, int number, string[] fields)
    {
        try
        {
            if (fields[0] == "load")
                Load(environment, number, fields);
            else if (fields[0] == "dispose")
                AnswerLater(environment, number, FunctionCommands.Dispose(environment, fields));
            else
                FrameWriter.Result(environment.Id, number, Answer(environment, fields));
        }
        catch (Exception error)
        {
            FrameWriter.Error(environment.Id, ToJs.Error, number, 0, error);
        }
    }

    static async void AnswerLater(JsEnvironment environment, int number, Task<IReadOnlyList<string>> answer)
    {
        try
        {
            FrameWriter.Result(environment.Id, number, await answer.ConfigureAwait(false));
        }
        catch (Exception error)
        {
            FrameWriter.Error(environment.Id, ToJs.Error, number, 0, error);
        }
    }

    static IReadOnlyList<string> Answer(JsEnvironment environment, string[] fields)
    {
        switch (fields[0])
        {
            case "close":
                if (environment.RemoveApp(int.Parse(fields[1])) is not { } app)
                    return [];
                environment.Unloading.Close(app, int.Parse(fields[2]));
                return app.Outcome;
            case "stop":
                environment.FindApp(int.Parse(fields[1]))?.BeginStop();
                return [];
            case "unloaded":
                return [environment.Unloading.IsGone(int.Parse(fields[1])) ? "true" : "false"];
            case "bind":
                return FunctionCommands.Bind(environment.Functions, fields);
            case "members":
                return FunctionCommands.Members(environment.Functions, fields);
            case "events":
                return FunctionCommands.Events(environment, fields);
            case "unbind":
                environment.Functions.Unbind(int.Parse(fields[1]), keepLibrary: fields[2] == "true");
                return [];
            case "stats":
                return Stats(environment);
            case "metrics":
                return Metrics.Read(fields[1..]);
            case "describe":
                return [AssemblyDescriber.Describe(fields[1])];
            default:
                throw new OwinException(ErrorCodes.Protocol, $"There is no command '{fields[0]}'.");
        }
    }

    // Answers by itself: an app that takes too long to start is answered for by the deadline.
    static void Load(JsEnvironment environment, int number, string[] fields)
    {
        DebuggerWait.Wait();
        var options = LoadFields.Read(environment, fields);
        using var deadline = new StartDeadline(options, Fail);
        RoutedConsole.Prepare();
        options.Output.Enter();
        LoadedApp app;
        IReadOnlyList<string> description;
        try
        {
            app = AppLoader.Load(int.Parse(fields[1]), options);
            description = app.Describe();
        }
        catch (Exception error)
        {
            if (deadline.TryPass())
                Fail(error);
            return;
        }
        if (!deadline.TryPass())
        {
            app.Close();
        }
        else if (environment.AddApp(app))
        {
            options.Output.Started();
            FrameWriter.Result(environment.Id, number, description);
        }
        else
        {
            JsEnvironment.Leave(app);
            Fail(new OwinException(ErrorCodes.EnvironmentClosed, "The JavaScript environment closed meanwhile."));
        }

        void Fail(Exception error)
        {
            options.Output.Failed();
            FrameWriter.Error(environment.Id, ToJs.Error, number, 0, error);
        }
    }

    static IReadOnlyList<string> Stats(JsEnvironment environment) =>
        [
            "exchanges",
            environment.ExchangeCount.ToString(),
            "threads",
            ThreadPool.ThreadCount.ToString(),
            "pending",
            ThreadPool.PendingWorkItemCount.ToString(),
            "heapBytes",
            // Between two collections it has been seen below zero.
            Math.Max(0, GC.GetTotalMemory(false)).ToString(),
            "allocatedBytes",
            GC.GetTotalAllocatedBytes(true).ToString(),
            .. FunctionCommands.Stats(),
        ];
}
