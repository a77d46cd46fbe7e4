using System.Runtime.InteropServices;

namespace ManagedDebugger;

/// <summary>
/// The debugging interface of a CLR that runs in another process: libmscordbi.so lies beside libcoreclr.so, so nothing
/// has to be installed. Its objects are COM objects; their methods are called by their place in the table (cordebug.idl).
/// </summary>
internal static unsafe class Cordb
{
    const int DebuggerVersion = 4;
    const uint ProcessAttach = 1;

    /// <summary>An ICorDebug for the process.</summary>
    public static nint Create(int pid)
    {
        var (clr, address) = FindClr(pid);
        var folder = Path.GetDirectoryName(clr)!;
        var library = NativeLibrary.Load(Path.Combine(folder, "libmscordbi.so"));
        var main = (delegate* unmanaged<nint, uint, nint, int>)NativeLibrary.GetExport(library, "DllMain");
        if (main(library, ProcessAttach, 0) == 0)
            throw new InvalidOperationException("libmscordbi.so does not begin");
        var create = (delegate* unmanaged<int, uint, char*, char*, nint, nint*, int>)
            NativeLibrary.GetExport(library, "CoreCLRCreateCordbObject3");
        nint cordb;
        fixed (char* data = Path.Combine(folder, "libmscordaccore.so"))
            Check(create(DebuggerVersion, (uint)pid, null, data, address, &cordb));
        return cordb;
    }

    public static int Call(nint instance, int method) =>
        ((delegate* unmanaged<nint, int>)Method(instance, method))(instance);

    public static int Call(nint instance, int method, nint argument) =>
        ((delegate* unmanaged<nint, nint, int>)Method(instance, method))(instance, argument);

    public static int Call(nint instance, int method, nint first, nint second) =>
        ((delegate* unmanaged<nint, nint, nint, int>)Method(instance, method))(instance, first, second);

    public static int Call(nint instance, int method, nint first, nint second, nint third) =>
        ((delegate* unmanaged<nint, nint, nint, nint, int>)Method(instance, method))(instance, first, second, third);

    public static void Check(int result) => Marshal.ThrowExceptionForHR(result);

    static nint Method(nint instance, int method) => (*(nint**)instance)[method];

    static (string Path, nint Address) FindClr(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/maps").First(line => line.EndsWith("/libcoreclr.so"));
        var address = nint.Parse(line[..line.IndexOf('-')], System.Globalization.NumberStyles.HexNumber);
        return (line[line.IndexOf('/')..], address);
    }
}
