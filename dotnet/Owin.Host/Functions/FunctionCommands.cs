using System.Reflection;
using Owin.Host.Http;
using Owin.Host.Types;

namespace Owin.Host.Functions;

/// <summary>The commands about functions.</summary>
internal static class FunctionCommands
{
    /// <summary>Fields: function, assembly, name, kind, concurrency, priority, rules.</summary>
    public static IReadOnlyList<string> Bind(FunctionTable table, string[] fields)
    {
        DebuggerWait.Wait();
        Bridge.ServeCalls();
        var function = table.Bind(
            int.Parse(fields[1]),
            fields[2],
            new(
                fields[3],
                (MethodKind)int.Parse(fields[4]),
                int.Parse(fields[5]),
                (WorkPriority)int.Parse(fields[6]),
                (ValueRules)int.Parse(fields[7])
            )
        );
        return function.Describe();
    }

    /// <summary>
    /// Fields: assembly. Answers, of each public type with static methods or a constructor, three fields: its name, its
    /// static methods and constructor, its methods on objects. Each method is its name in JavaScript and in .NET, joined by a
    /// colon; methods are joined by commas. `owin types` names the same ones.
    /// </summary>
    public static IReadOnlyList<string> Members(FunctionTable table, string[] fields)
    {
        DebuggerWait.Wait();
        var answer = new List<string>();
        foreach (var type in MethodLocator.PublicTypes(table.Load(fields[1])).Where(Callable.IsLoaded))
        {
            var methods = Callable.Methods(type).Where(each => Callable.WhyNot(each) == null).ToArray();
            var constructor = Callable.Constructors(type).Any() ? ["new:new"] : Array.Empty<string>();
            string[] statics = [.. Names(methods.Where(each => each.IsStatic)), .. constructor];
            if (statics.Length == 0)
                continue;
            answer.Add(MethodLocator.FullName(type));
            answer.Add(string.Join(',', statics));
            answer.Add(string.Join(',', Names(methods.Where(each => !each.IsStatic))));
        }
        return answer;
    }

    static IEnumerable<string> Names(IEnumerable<MethodInfo> methods) =>
        methods.Select(each => $"{JsNames.Member(each.Name)}:{each.Name}").Distinct();

    /// <summary>Fields: object, event. Answers the number of the delegate that gives the next ones.</summary>
    public static IReadOnlyList<string> Events(JsEnvironment environment, string[] fields)
    {
        var items = new EventItems(environment.Objects.Get(int.Parse(fields[1])), fields[2]);
        return [environment.Objects.Add(new NetIterable<object?>(items).Function).ToString()];
    }

    public static IReadOnlyList<string> Stats() =>
        [
            "functionsQueued",
            (FunctionThreads.Queued + FunctionCounts.Waiting).ToString(),
            "functionsRunning",
            FunctionCounts.Running.ToString(),
            "functionsDone",
            FunctionCounts.Done.ToString(),
        ];
}
