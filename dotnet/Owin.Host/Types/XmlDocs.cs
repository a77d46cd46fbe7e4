using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Owin.Host.Types;

/// <summary>The documentation that the compiler wrote beside an assembly, as the text of a JSDoc comment.</summary>
internal sealed partial class XmlDocs
{
    readonly Dictionary<string, XElement> members = [];

    /// <param name="assembly">Path of the assembly. No file beside it, or a damaged one: no documentation.</param>
    public XmlDocs(string assembly)
    {
        var file = Path.ChangeExtension(assembly, ".xml");
        if (!File.Exists(file))
            return;
        try
        {
            foreach (var member in XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member"))
                if (member.Attribute("name") is { } name)
                    members[name.Value] = member;
        }
        catch (XmlException)
        {
            members.Clear();
        }
    }

    public string? Of(MemberInfo member) =>
        members.GetValueOrDefault(DocumentationId.Of(member)) is { } element
            ? Join(element, member)
            : Deprecation(member);

    static string? Join(XElement element, MemberInfo member)
    {
        var lines = new List<string>();
        Add("", element.Element("summary"));
        Add("", element.Element("remarks"));
        foreach (var parameter in element.Elements("param"))
            Add($"@param {JsNames.Parameter(parameter.Attribute("name")?.Value)} ", parameter);
        Add("@returns ", element.Element("returns"));
        foreach (var exception in element.Elements("exception"))
            Add($"@throws {Reference(exception)} ", exception);
        if (Deprecation(member) is { } deprecation)
            lines.Add(deprecation);
        return lines.Count == 0 ? null : string.Join('\n', lines);

        void Add(string tag, XElement? content)
        {
            if (content != null && Text(content) is { Length: > 0 } text)
                lines.Add(tag + text);
        }
    }

    static string? Deprecation(MemberInfo member) =>
        member.GetCustomAttributesData().FirstOrDefault(each => each.AttributeType == typeof(ObsoleteAttribute))
            is { } obsolete
            ? $"@deprecated {obsolete.ConstructorArguments.FirstOrDefault().Value}".Trim()
            : null;

    static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
            text.Append(
                node switch
                {
                    XElement { Name.LocalName: "para" or "br" } para => "\n" + Text(para) + "\n",
                    XElement { Name.LocalName: "see" or "seealso" or "paramref" or "typeparamref" } see => Reference(
                        see
                    ),
                    XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value.Trim()}`",
                    XElement other => Text(other),
                    XText plain => plain.Value,
                    _ => "",
                }
            );
        var lines = text.ToString().Split('\n').Select(line => Blanks().Replace(line, " ").Trim());
        return string.Join('\n', lines.Where(line => line != ""));
    }

    // "T:Acme.Order" as its last name.
    static string Reference(XElement element)
    {
        var target = (element.Attribute("cref") ?? element.Attribute("langword") ?? element.Attribute("name"))?.Value;
        if (target == null)
            return element.Attribute("href")?.Value ?? Text(element);
        var name = target.Split('(')[0].Split('.')[^1].Split(':')[^1];
        return $"`{name.Split('`')[0]}`";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
