using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Owin.Host.Hosting;

/// <summary>Tells what a file is that the runtime would not load as an assembly. Only for messages.</summary>
internal static class FileKind
{
    /// <summary>For example "an ELF program or library: native code, not .NET".</summary>
    public static string Describe(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[512];
        var bytes = head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        if (bytes.IsEmpty)
            return "empty";
        if (bytes.StartsWith("\u007fELF"u8))
            return Native("an ELF program or library", path);
        if (bytes.StartsWith("MZ"u8))
            return DescribePe(file, path);
        if (bytes.StartsWith((byte[])[0xcf, 0xfa, 0xed, 0xfe]) || bytes.StartsWith((byte[])[0xca, 0xfe, 0xba, 0xbe]))
            return Native("a Mach-O program or library", path);
        if (bytes.StartsWith("PK\u0003\u0004"u8))
            return "a zip archive";
        return bytes.Contains((byte)0) ? "no file format that .NET knows" : "a text file";
    }

    static string Native(string format, string path)
    {
        var assembly = (path.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? path[..^4] : path) + ".dll";
        return File.Exists(assembly)
            ? $"{format}: the executable that starts {assembly}. Pass that .dll"
            : $"{format}: native code, not .NET";
    }

    static bool IsReference(MetadataReader metadata)
    {
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var constructor = metadata.GetCustomAttribute(handle).Constructor;
            if (constructor.Kind != HandleKind.MemberReference)
                continue;
            var parent = metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent;
            if (
                parent.Kind == HandleKind.TypeReference
                && metadata.StringComparer.Equals(
                    metadata.GetTypeReference((TypeReferenceHandle)parent).Name,
                    nameof(ReferenceAssemblyAttribute)
                )
            )
                return true;
        }
        return false;
    }

    // Precompiled code of .NET's own has the second flag.
    static bool IsMixed(CorFlags flags) => (flags & (CorFlags.ILOnly | CorFlags.ILLibrary)) == 0;

    static string DescribePe(Stream file, string path)
    {
        file.Position = 0;
        try
        {
            using var reader = new PEReader(file, PEStreamOptions.LeaveOpen);
            if (!reader.HasMetadata)
                return Native("a Windows program or library", path);
            var metadata = reader.GetMetadataReader();
            if (!metadata.IsAssembly)
                return "a .NET module without an assembly manifest";
            if (IsReference(metadata))
                return "a reference assembly, which has no code: compilers read it. Pass the one that was built with it";
            if (IsMixed(reader.PEHeaders.CorHeader!.Flags))
                return "a mixed-mode assembly (C++/CLI): native code for Windows and .NET in one file";
            var machine = reader.PEHeaders.CoffHeader.Machine;
            return $"a .NET assembly for {machine}, while this process is {RuntimeInformation.ProcessArchitecture}";
        }
        catch (BadImageFormatException)
        {
            return "a damaged or cut off Windows program or library";
        }
    }
}
