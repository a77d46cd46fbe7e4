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
    /// Fields: assembly. Answers, of each public type with static members or a constructor, three fields: its name, its
    /// static members and constructor, its members on objects. Each member is its name in JavaScript and in .NET, joined by a
    /// colon, and behind another one of a property or field `r` where it can be read, `w` where it can be written; members
    /// are joined by commas. `owin types` names the same ones.
    /// </summary>
    public static IReadOnlyList<string> Members(FunctionTable table, string[] fields)
    {
        DebuggerWait.Wait();
        var answer = new List<string>();
        foreach (var type in TypeLocator.Public(table.Load(fields[1])).Where(Callable.IsLoaded))
        {
            var constructor = Callable.Constructors(type).Any() ? ["new:new"] : Array.Empty<string>();
            string[] statics = [.. Names(type, isStatic: true), .. constructor];
            if (statics.Length == 0)
                continue;
            answer.Add(TypeLocator.Name(type));
            answer.Add(string.Join(',', statics));
            answer.Add(string.Join(',', Names(type, isStatic: false)));
        }
        return answer;
    }

    static IEnumerable<string> Names(Type type, bool isStatic)
    {
        var methods = Callable
            .Methods(type)
            .Where(each => each.IsStatic == isStatic && Callable.WhyNot(each) == null)
            .Select(each => $"{JsNames.Member(each.Name)}:{each.Name}")
            .Distinct();
        var accessors = AccessorLocator
            .Loaded(type)
            .Where(each => AccessorLocator.IsStatic(each) == isStatic)
            .Select(each => $"{JsNames.Member(each.Name)}:{each.Name}{Access(each)}");
        return methods.Concat(accessors);
    }

    static string Access(MemberInfo member) =>
        $":{(AccessorLocator.Getter(member) == null ? "" : "r")}{(AccessorLocator.Setter(member) == null ? "" : "w")}";

    /// <summary>
    /// Fields: object. JavaScript lets it go; answers when .NET has disposed of it, with what that throws.
    /// </summary>
    public static async Task<IReadOnlyList<string>> Dispose(JsEnvironment environment, string[] fields)
    {
        if (environment.Objects.Take(int.Parse(fields[1])) is { } value)
            await HeldObjects.Dispose(value, awaited: true).ConfigureAwait(false);
        return [];
    }

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
