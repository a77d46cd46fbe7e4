namespace Owin.Host.Types;

// What `owin types` is told of an assembly; src/types/description.ts has the same, and JSON is between the two.

/// <summary>An assembly and every type its public members mention, whichever assembly that is of.</summary>
internal sealed record AssemblyDescription(string Name, string Version, IReadOnlyList<TypeDescription> Types);

/// <param name="Id">Namespace and name, nested ones with dots, and arity: <c>Acme.Box`1</c>.</param>
/// <param name="Kind">class, struct, interface or enum.</param>
/// <param name="Own">Of the assembly that is described, not of one it depends on.</param>
/// <param name="Data">Crosses by value, as a plain object, and not as an instance whose methods are called.</param>
/// <param name="Omitted">Members that cannot be called, with why.</param>
internal sealed record TypeDescription(
    string Id,
    string Namespace,
    string Name,
    string Kind,
    bool Own,
    bool Data,
    string? Docs,
    IReadOnlyList<string> TypeParameters,
    IReadOnlyList<EnumMember> EnumMembers,
    bool Flags,
    IReadOnlyList<SignatureDescription> Constructors,
    IReadOnlyList<MethodDescription> Methods,
    IReadOnlyList<PropertyDescription> Properties,
    IReadOnlyList<EventDescription> Events,
    IReadOnlyList<string> Omitted
);

internal sealed record EnumMember(string Name, string? Docs);

internal sealed record MethodDescription(string Name, bool Static, SignatureDescription Signature);

/// <param name="Docs">Text of each tag that is of use: summary, param name, returns, exception.</param>
internal sealed record SignatureDescription(
    IReadOnlyList<string> TypeParameters,
    IReadOnlyList<ParameterDescription> Parameters,
    TypeReference Returns,
    string? Docs
);

internal sealed record ParameterDescription(string Name, TypeReference Type, bool Optional, bool Params);

/// <param name="Key">Its name in a plain object; null: it is not in one.</param>
/// <param name="Callable">`owin.load()` has it, to be read and written by calls.</param>
/// <param name="Required">A plain object has to have it to become one of .NET's.</param>
internal sealed record PropertyDescription(
    string Name,
    string? Key,
    bool Static,
    bool Callable,
    bool CanRead,
    bool CanWrite,
    bool CanInit,
    bool Required,
    TypeReference Type,
    string? Docs
);

/// <param name="Name">As .NET has it: `events()` takes it so.</param>
internal sealed record EventDescription(string Name, IReadOnlyList<ParameterDescription> Parameters, string? Docs);

/// <param name="Id">Of a type; <c>[]</c> is an array of Arguments[0]; <c>!T</c> is a type parameter.</param>
/// <param name="Like">What a type is that is none of those everybody knows: a collection, a Stream, …</param>
/// <param name="Delegate">Signature of a delegate.</param>
internal sealed record TypeReference(
    string Id,
    bool Nullable = false,
    IReadOnlyList<TypeReference>? Arguments = null,
    TypeReference? Like = null,
    SignatureDescription? Delegate = null
);
