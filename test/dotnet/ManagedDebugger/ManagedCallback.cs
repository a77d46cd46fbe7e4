using System.Runtime.InteropServices;

namespace ManagedDebugger;

/// <summary>
/// The object that libmscordbi tells of events: ICorDebugManagedCallback and ICorDebugManagedCallback2. Each event is
/// continued, or the process would stand still. The functions take the first arguments only, which the calling convention
/// of x64 Linux allows; the first one of every event but two is a controller of the process.
/// </summary>
internal static unsafe class ManagedCallback
{
    const int Ok = 0;
    const int NoInterface = unchecked((int)0x80004002);
    const int First = 3; // after those of IUnknown
    const int Breakpoint = 3;
    const int LoadModule = 13;

    static readonly Guid Unknown = new("00000000-0000-0000-c000-000000000046");
    static readonly Guid Callback = new("3d6f5f60-7538-11d3-8d5b-00104b35e7ef");
    static readonly Guid Callback2 = new("250e5eea-db5c-4c76-b6f3-8c46f12e3203");

    static Session session = null!;
    static nint* instance;

    public static nint Create(Session events)
    {
        session = events;
        var events1 = Table(29);
        events1[Breakpoint] = (nint)(delegate* unmanaged<nint, nint, nint, int>)&OnBreakpoint;
        events1[LoadModule] = (nint)(delegate* unmanaged<nint, nint, nint, int>)&OnLoadModule;
        instance = (nint*)NativeMemory.Alloc(2, (nuint)sizeof(nint));
        instance[0] = (nint)events1;
        instance[1] = (nint)Table(11);
        return (nint)instance;
    }

    static nint* Table(int methods)
    {
        var table = (nint*)NativeMemory.Alloc((nuint)methods, (nuint)sizeof(nint));
        table[0] = (nint)(delegate* unmanaged<nint, Guid*, nint*, int>)&QueryInterface;
        table[1] = table[2] = (nint)(delegate* unmanaged<nint, uint>)&Count;
        for (var i = First; i < methods; i++)
            table[i] = (nint)(delegate* unmanaged<nint, nint, int>)&OnOther;
        return table;
    }

    [UnmanagedCallersOnly]
    static int QueryInterface(nint self, Guid* wanted, nint* result)
    {
        *result =
            *wanted == Unknown || *wanted == Callback ? (nint)instance
            : *wanted == Callback2 ? (nint)(instance + 1)
            : 0;
        return *result == 0 ? NoInterface : Ok;
    }

    // Lives as long as the process.
    [UnmanagedCallersOnly]
    static uint Count(nint self) => 1;

    [UnmanagedCallersOnly]
    static int OnOther(nint self, nint controller) => Continue(controller);

    [UnmanagedCallersOnly]
    static int OnLoadModule(nint self, nint domain, nint module)
    {
        Try(() => session.ModuleLoaded(module));
        return Continue(domain);
    }

    [UnmanagedCallersOnly]
    static int OnBreakpoint(nint self, nint domain, nint thread)
    {
        Try(() => session.Hit(thread));
        return Continue(domain);
    }

    static int Continue(nint controller)
    {
        session.Continue(controller);
        return Ok;
    }

    static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            Console.WriteLine($"failed: {error}");
        }
    }
}
