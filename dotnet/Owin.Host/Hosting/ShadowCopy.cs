using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Owin.Host.Hosting;

/// <summary>A copy of an app's folder that it runs from, so that the folder itself can be written to.</summary>
internal sealed class ShadowCopy
{
    public ShadowCopy(string source)
    {
        Folder = Directory.CreateTempSubdirectory("owin-").FullName;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Folder { get; }

    /// <summary>Whether an assembly asks for the place of one: it then needs to have been loaded from a file.</summary>
    public static bool IsNeeded(string assembly)
    {
        try
        {
            using var file = new PEReader(new MemoryStream(File.ReadAllBytes(assembly)));
            return file.HasMetadata && AsksForLocation(file.GetMetadataReader());
        }
        catch (BadImageFormatException)
        {
            // Loading it will say so.
            return false;
        }
    }

    static bool AsksForLocation(MetadataReader reader)
    {
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference)
                continue;
            var type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
            if (
                reader.StringComparer.Equals(type.Name, "Assembly")
                && (
                    reader.StringComparer.Equals(member.Name, "get_Location")
                    || reader.StringComparer.Equals(member.Name, "get_CodeBase")
                )
            )
                return true;
        }
        return false;
    }

    /// <summary>What is still open stays, in the folder for temporary files.</summary>
    public void Delete()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
    }
}
