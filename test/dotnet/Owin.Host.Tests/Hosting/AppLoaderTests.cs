using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Owin.Host.Tests.Hosting;

public class AppLoaderTests
{
    static string Fail(string code, string source, string? type = null)
    {
        var error = Assert.Throws<OwinException>(() => TestApps.Load(source, type));
        Assert.Equal(code, error.Code);
        return error.Message;
    }

    static string FailFormat(byte[] content, string name = "Strange.dll")
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(name), content);
        var message = Fail(ErrorCodes.AppFormat, folder.File(name));
        Assert.StartsWith($"{folder.File(name)} is not an assembly that can be loaded. It is ", message);
        return message;
    }

    [Fact]
    public void A_missing_file_is_told_with_what_is_there_instead()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("Kitchen.dll"), "");
        File.WriteAllText(folder.File("Other.dll"), "");
        File.WriteAllText(folder.File("Kitchen.pdb"), "");
        Assert.Equal(
            $"{folder.File("kitchn.dll")} does not exist. The .dll files in {folder.Path}: Kitchen.dll, Other.dll. "
                + "Did you mean Kitchen.dll?",
            Fail(ErrorCodes.AppNotFound, folder.File("kitchn.dll"))
        );
    }

    [Fact]
    public void No_near_name_is_invented()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("Other.dll"), "");
        Assert.DoesNotContain("Did you mean", Fail(ErrorCodes.AppNotFound, folder.File("Kitchen.dll")));
    }

    [Fact]
    public void An_empty_folder_is_told()
    {
        using var folder = new TemporaryFolder();
        Assert.EndsWith(
            $"There are no .dll files in {folder.Path}.",
            Fail(ErrorCodes.AppNotFound, folder.File("A.dll"))
        );
    }

    [Fact]
    public void A_missing_folder_is_told_with_the_nearest_that_exists()
    {
        using var folder = new TemporaryFolder();
        var message = Fail(ErrorCodes.AppNotFound, folder.File("not/there/A.dll"));
        Assert.EndsWith($"Neither does its folder; the nearest one that exists is {folder.Path}.", message);
    }

    [Fact]
    public void A_folder_is_no_assembly()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("A.dll"), "");
        Assert.Equal(
            $"{folder.Path} is a folder, not an assembly. The .dll files in {folder.Path}: A.dll.",
            Fail(ErrorCodes.AppNotFound, folder.Path)
        );
    }

    [Fact]
    public void An_empty_file() => Assert.EndsWith("It is empty.", FailFormat([]));

    [Fact]
    public void A_text_file() => Assert.EndsWith("It is a text file.", FailFormat("class Startup { }"u8.ToArray()));

    [Fact]
    public void A_zip_archive() =>
        Assert.EndsWith("It is a zip archive.", FailFormat("PK\u0003\u0004 and so on"u8.ToArray()));

    [Fact]
    public void Unknown_bytes() =>
        Assert.EndsWith("It is no file format that .NET knows.", FailFormat([1, 0, 2, 0, 3, 0]));

    [Theory]
    [InlineData("linux-x64/native/libe_sqlite3.so", "an ELF program or library: native code, not .NET.")]
    [InlineData("win-x64/native/e_sqlite3.dll", "a Windows program or library: native code, not .NET.")]
    [InlineData("osx-arm64/native/libe_sqlite3.dylib", "a Mach-O program or library: native code, not .NET.")]
    public void A_native_library(string library, string expected)
    {
        var folder = Path.GetDirectoryName(TestApps.Published("Sqlite"))!;
        Assert.EndsWith(expected, FailFormat(File.ReadAllBytes(Path.Combine(folder, "runtimes", library))));
    }

    [Fact]
    public void The_executable_stub_of_an_app_names_the_app()
    {
        var assembly = typeof(AppLoaderTests).Assembly.Location;
        var stub = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        Assert.EndsWith($"the executable that starts {assembly}. Pass that .dll.", Fail(ErrorCodes.AppFormat, stub));
    }

    [Fact]
    public void A_cut_off_assembly()
    {
        var whole = File.ReadAllBytes(TestApps.Built("Kitchen"));
        Assert.EndsWith("It is a damaged or cut off Windows program or library.", FailFormat(whole[..100]));
    }

    [Fact]
    public void A_module_without_a_manifest()
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("M"), metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        var module = new BlobBuilder();
        new ManagedPEBuilder(
            PEHeaderBuilder.CreateLibraryHeader(),
            new MetadataRootBuilder(metadata),
            new BlobBuilder()
        ).Serialize(module);
        Assert.EndsWith("It is a .NET module without an assembly manifest.", FailFormat(module.ToArray()));
    }

    [Fact]
    public void An_assembly_for_another_processor()
    {
        var content = File.ReadAllBytes(TestApps.Built("Kitchen"));
        using var reader = new PEReader(new MemoryStream(content));
        BitConverter.TryWriteBytes(content.AsSpan(reader.PEHeaders.CoffHeaderStartOffset), (ushort)Machine.LoongArch64);
        Assert.Contains("a .NET assembly for LoongArch64, while this process is ", FailFormat(content));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("MissingDependency.Main.Startup")]
    public void A_dependency_that_is_missing_when_the_startup_type_is_looked_up(string? type)
    {
        var source = TestApps.Built("MissingDependency");
        var folder = Path.GetDirectoryName(source)!;
        var error = Assert.Throws<OwinException>(() => TestApps.Load(source, type));
        Assert.Equal(ErrorCodes.AppDependency, error.Code);
        Assert.Contains($"{source} needs the assembly MissingDependency.Library, Version=1.0.0.0,", error.Message);
        Assert.Contains("It is asked for by MissingDependency.", error.Message);
        Assert.Contains("Looked in the shared framework (.NET ", error.Message);
        Assert.Contains("in MissingDependency.deps.json (which ", error.Message);
        Assert.Contains($"and for {Path.Combine(folder, "MissingDependency.Library.dll")}.", error.Message);
        Assert.Contains($"The .dll files in {folder}: MissingDependency.dll.", error.Message);
        Assert.IsType<FileNotFoundException>(error.InnerException);
    }

    [Fact]
    public void A_missing_dependency_without_a_deps_file()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(Path.GetDirectoryName(TestApps.Built("MissingDependency"))!, "MissingDependency.dll");
        Assert.Contains("in MissingDependency.deps.json (there is none)", Fail(ErrorCodes.AppDependency, source));
    }

    [Fact]
    public async Task A_dependency_that_is_missing_at_a_request_is_the_apps_error()
    {
        var app = TestApps.Load(TestApps.Built("MissingDependency"), "MissingDependency.Later");
        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => app.Ask());
        Assert.Contains("MissingDependency.Library, Version=1.0.0.0", error.Message);
    }

    [Fact]
    public void A_dependency_that_is_no_assembly_is_named()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(Path.GetDirectoryName(TestApps.Built("MissingDependency"))!, "MissingDependency.dll");
        File.WriteAllText(folder.File("MissingDependency.Library.dll"), "nothing");
        Assert.EndsWith(
            $" {folder.File("MissingDependency.Library.dll")} is a text file.",
            Fail(ErrorCodes.AppDependency, source)
        );
    }

    [Fact]
    public void A_dependency_under_the_name_of_another_is_told()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(Path.GetDirectoryName(TestApps.Built("MissingDependency"))!, "MissingDependency.dll");
        File.Copy(TestApps.Built("StaticInvoke"), folder.File("MissingDependency.Library.dll"));
        Assert.Contains("MissingDependency.Library", Fail(ErrorCodes.AppDependency, source));
    }

    [Fact]
    public void A_damaged_deps_file_is_named()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Copy(Path.GetDirectoryName(TestApps.Built("MissingDependency"))!, "MissingDependency.dll");
        File.WriteAllText(folder.File("MissingDependency.deps.json"), "{ damaged");
        Assert.Contains(folder.File("MissingDependency.deps.json"), Fail(ErrorCodes.AppDependency, source));
    }

    [Fact]
    public void An_app_for_a_newer_framework_is_told_so()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(
            folder.File("Newer.dll"),
            PatchedAssembly.Refer(TestApps.Built("StaticInvoke"), "System.Runtime", 99)
        );
        var message = Fail(ErrorCodes.AppDependency, folder.File("Newer.dll"));
        Assert.Contains("was built for a newer .NET than the one that runs", message);
        Assert.Contains("System.Runtime 99.0.0.0", message);
        Assert.Contains($".NET {Environment.Version}", message);
    }

    [Fact]
    public void The_constructors_exception_is_the_apps_own()
    {
        var error = Assert.Throws<InvalidOperationException>(() =>
            TestApps.Load(TestApps.Built("ThrowingConstructor"))
        );
        Assert.Equal("the constructor says no", error.Message);
        Assert.Matches(@"at ThrowingConstructor\.Startup\.\.ctor\(\) in .*Startup\.cs:line \d+", error.StackTrace);
    }
}
