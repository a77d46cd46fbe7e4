using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Owin.Host.Tests;

/// <summary>Assemblies with another major version written into them.</summary>
static class PatchedAssembly
{
    // ECMA-335 II.22.2: the version follows the hash algorithm's four bytes.
    const int VersionInAssemblyRow = 4;

    /// <summary>The assembly, its reference to another one moved to that version.</summary>
    public static byte[] Refer(string source, string reference, ushort major) =>
        Patch(
            source,
            major,
            metadata =>
            {
                var handle = metadata.AssemblyReferences.Single(each =>
                    metadata.GetString(metadata.GetAssemblyReference(each).Name) == reference
                );
                return metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
                    + (MetadataTokens.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef);
            }
        );

    /// <summary>The assembly under that version.</summary>
    public static byte[] Rename(string source, ushort major) =>
        Patch(source, major, metadata => metadata.GetTableMetadataOffset(TableIndex.Assembly) + VersionInAssemblyRow);

    static byte[] Patch(string source, ushort major, Func<MetadataReader, int> locate)
    {
        var content = File.ReadAllBytes(source);
        using var reader = new PEReader(new MemoryStream(content));
        var offset = reader.PEHeaders.MetadataStartOffset + locate(reader.GetMetadataReader());
        BitConverter.TryWriteBytes(content.AsSpan(offset), major);
        return content;
    }
}
