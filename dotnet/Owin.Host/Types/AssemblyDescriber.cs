using System.Reflection;
using Owin.Host.Hosting;

namespace Owin.Host.Types;

/// <summary>
/// Describes what JavaScript can use of an assembly, for `owin types`. Reads metadata by reflection: no code of the
/// assembly runs.
/// </summary>
internal sealed class AssemblyDescriber
{
    readonly Assembly assembly;
    readonly XmlDocs docs;
    readonly TypeReferences references;
    readonly HashSet<Type> known = [];
    readonly Queue<Type> waiting = new();

    AssemblyDescriber(Assembly assembly, string path)
    {
        this.assembly = assembly;
        docs = new XmlDocs(path);
        references = new TypeReferences(Mention);
    }

    /// <param name="path">Absolute path of an assembly.</param>
    /// <returns>An <see cref="AssemblyDescription" /> as JSON.</returns>
    /// <exception cref="OwinException">ERR_OWIN_APP_NOT_FOUND, ERR_OWIN_APP_FORMAT, ERR_OWIN_APP_DEPENDENCY</exception>
    public static string Describe(string path)
    {
        if (!File.Exists(path))
            throw LoadErrors.NotFound(path);
        var context = new AppLoadContext(path, isCollectible: false);
        try
        {
            return DescriptionJson.Write(new AssemblyDescriber(Load(context, path), path).Describe());
        }
        catch (Exception error)
            when (error is FileNotFoundException or FileLoadException or TypeLoadException or BadImageFormatException)
        {
            throw LoadErrors.Dependency(context, path, error);
        }
    }

    static Assembly Load(AppLoadContext context, string path)
    {
        try
        {
            return context.LoadApp();
        }
        catch (Exception error) when (error is BadImageFormatException or FileLoadException)
        {
            throw LoadErrors.Format(path, error);
        }
    }

    AssemblyDescription Describe()
    {
        foreach (var type in assembly.GetExportedTypes())
            if (type.Assembly == assembly && !IsAttribute(type))
                Mention(type);
        var types = new List<TypeDescription>();
        while (waiting.TryDequeue(out var type))
            types.Add(Describe(type));
        types.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        var name = assembly.GetName();
        return new(name.Name!, $"{name.Version}", types);
    }

    void Mention(Type type)
    {
        if (!IsDescribed(type) || !known.Add(type))
            return;
        waiting.Enqueue(type);
    }

    // Of another assembly only what crosses by value; its classes that do something would bring half of .NET along.
    bool IsDescribed(Type type)
    {
        if (type.IsPrimitive || typeof(Delegate).IsAssignableFrom(type))
            return false;
        return type.Assembly == assembly
            || type.IsEnum
            || type.Assembly != typeof(object).Assembly && Callable.IsData(type);
    }

    static bool IsAttribute(Type type) => typeof(Attribute).IsAssignableFrom(type);

    TypeDescription Describe(Type type)
    {
        var members = new MemberDescriber(type, references, docs);
        return new(
            TypeReferences.Id(type),
            type.Namespace ?? "",
            TypeReferences.Id(type)[(type.Namespace is { } space ? space.Length + 1 : 0)..],
            Kind(type),
            type.Assembly == assembly,
            !type.IsEnum && Callable.IsData(type),
            docs.Of(type),
            [.. type.GetGenericArguments().Select(each => each.Name)],
            type.IsEnum ? EnumMembers(type) : [],
            type.IsEnum && type.IsDefined(typeof(FlagsAttribute)),
            members.Constructors(),
            members.Methods(),
            members.Properties(),
            members.Events(),
            members.Omitted
        );
    }

    static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : "class";

    EnumMember[] EnumMembers(Type type) =>
        [
            .. type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(each => new EnumMember(each.Name, docs.Of(each))),
        ];
}
