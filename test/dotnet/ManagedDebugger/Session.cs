using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using static ManagedDebugger.Cordb;

namespace ManagedDebugger;

/// <summary>
/// One attached process and one breakpoint.
/// <para>Threads: the events come on a thread of libmscordbi's, one at a time; the process stands still meanwhile.</para>
/// </summary>
internal sealed unsafe class Session(string assembly, string type, string method)
{
    readonly int token = FindMethod(assembly, type, method);
    readonly string name = $"{type}.{method}";
    nint process,
        breakpoint;

    public void Attach(int pid)
    {
        var cordb = Create(pid);
        Check(Call(cordb, 3)); // ICorDebug.Initialize
        Check(Call(cordb, 5, ManagedCallback.Create(this))); // SetManagedHandler
        nint attached;
        Check(Call(cordb, 8, pid, 0, (nint)(&attached))); // DebugActiveProcess
        process = attached;
    }

    public void Detach()
    {
        Check(Call(process, 3, 0)); // ICorDebugController.Stop
        if (breakpoint != 0)
        {
            Check(Call(breakpoint, 3, 0)); // ICorDebugBreakpoint.Activate
            Call(breakpoint, 2); // Release
        }
        Check(Call(process, 9)); // Detach
    }

    /// <summary>The debugged process goes on. The process comes from an event: it may precede Attach's return.</summary>
    public void Continue(nint controller) => Call(controller, 4, 0);

    public void ModuleLoaded(nint module)
    {
        const int Longest = 1024;
        var path = stackalloc char[Longest];
        uint length;
        Check(Call(module, 6, Longest, (nint)(&length), (nint)path)); // ICorDebugModule.GetName
        if (new string(path) != assembly)
            return;
        nint function,
            made;
        Check(Call(module, 9, token, (nint)(&function))); // GetFunctionFromToken
        Check(Call(function, 8, (nint)(&made))); // ICorDebugFunction.CreateBreakpoint
        Check(Call(made, 3, 1)); // ICorDebugBreakpoint.Activate
        breakpoint = made;
        Console.WriteLine("set");
    }

    public void Hit(nint thread)
    {
        nint frame;
        int at;
        Check(Call(thread, 15, (nint)(&frame))); // ICorDebugThread.GetActiveFrame
        Check(Call(frame, 6, (nint)(&at))); // ICorDebugFrame.GetFunctionToken
        Console.WriteLine(at == token ? $"hit {name}" : $"hit {at:x}");
    }

    static int FindMethod(string assembly, string type, string method)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var definition = metadata.GetMethodDefinition(handle);
            var owner = metadata.GetTypeDefinition(definition.GetDeclaringType());
            var full = $"{metadata.GetString(owner.Namespace)}.{metadata.GetString(owner.Name)}";
            if (full == type && metadata.GetString(definition.Name) == method)
                return MetadataTokens.GetToken(handle);
        }
        throw new ArgumentException($"{assembly} has no {type}.{method}");
    }
}
