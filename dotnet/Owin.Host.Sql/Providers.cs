using System.Data.Common;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Owin.Host.Sql;

/// <summary>Finds the factory of a provider.</summary>
internal static class Providers
{
    /// <param name="path">Of its assembly; empty: SQLite, which comes with this package.</param>
    /// <param name="factory">Full name of its type; empty: the only one there is.</param>
    public static DbProviderFactory Find(string path, string factory)
    {
        if (path.Length == 0)
            return SqliteFactory.Instance;
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no assembly {path} with a provider of databases.", path);
        var assembly = Load(path);
        var factories = assembly
            .GetExportedTypes()
            .Where(each => typeof(DbProviderFactory).IsAssignableFrom(each) && !each.IsAbstract)
            .ToArray();
        var chosen = factory.Length == 0 ? factories : factories.Where(each => each.FullName == factory).ToArray();
        if (chosen.Length == 1)
            return Instance(chosen[0]);
        var names = string.Join(", ", factories.Select(each => each.FullName));
        throw new InvalidOperationException(
            factories.Length == 0
                ? $"{path} has no public DbProviderFactory: it is not the assembly of a provider of databases."
            : factory.Length == 0 ? $"{path} has several factories: {names}. Name one with the option factory."
            : $"{path} has no factory {factory}. It has: {names}."
        );
    }

    /// <summary>Name of the assembly whose absence an error is about, whatever is around it.</summary>
    public static string? MissingAssembly(Exception? error) =>
        error is FileNotFoundException { FileName: { } name } && name.Contains(", Version=", StringComparison.Ordinal)
            ? new AssemblyName(name).Name
        : error == null ? null
        : MissingAssembly(error.InnerException);

    /// <summary>What connecting fails with where an assembly is missing that the provider needs.</summary>
    public static InvalidOperationException Incomplete(string path, string missing, Exception error) =>
        new(
            $"{path} needs {missing}, which is not beside it. `dotnet publish` of a project with a PackageReference "
                + "of the provider makes a folder with all it needs.",
            error
        );

    static Assembly Load(string path)
    {
        try
        {
            return ProviderContext.For(path).LoadFromAssemblyPath(path);
        }
        catch (BadImageFormatException error)
        {
            throw new BadImageFormatException(
                $"{path} is not an assembly of .NET's, so there is no provider of databases in it.",
                error
            );
        }
    }

    // The convention of ADO.NET: a static field Instance.
    static DbProviderFactory Instance(Type type) =>
        type.GetField("Instance", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as DbProviderFactory
        ?? (DbProviderFactory)Activator.CreateInstance(type)!;
}
