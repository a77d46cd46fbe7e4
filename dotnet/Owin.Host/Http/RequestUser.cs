using System.Security.Claims;
using System.Security.Principal;

namespace Owin.Host.Http;

/// <summary><c>req.user</c> as a principal, and back; src/http/user.ts is the other half.</summary>
internal static class RequestUser
{
    // What user.ts calls a kind; every other kind is the claim's type.
    static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["id"] = ClaimTypes.NameIdentifier,
        ["name"] = ClaimTypes.Name,
        ["email"] = ClaimTypes.Email,
        ["role"] = ClaimTypes.Role,
    };

    public static ClaimsPrincipal Read(List<object> value)
    {
        var identity = new ClaimsIdentity((string)value[0]);
        foreach (List<object> claim in (List<object>)value[1])
        {
            var kind = (string)claim[0];
            identity.AddClaim(new Claim(Types.GetValueOrDefault(kind, kind), (string)claim[1]));
        }
        return new ClaimsPrincipal(identity);
    }

    /// <summary>
    /// Null, or <c>{ id, name, email, roles, authenticationType, isAuthenticated, claims: [{ type, value }] }</c>; what
    /// the user does not have is left out.
    /// </summary>
    public static Dictionary<string, object>? Write(object? user)
    {
        if (user is not IPrincipal principal)
            return null;
        var claims = (principal as ClaimsPrincipal ?? new ClaimsPrincipal(principal)).Claims.ToList();
        var value = new Dictionary<string, object>(StringComparer.Ordinal);
        Add("id", claims.Find(each => each.Type == ClaimTypes.NameIdentifier)?.Value);
        Add("name", principal.Identity?.Name);
        Add("email", claims.Find(each => each.Type == ClaimTypes.Email)?.Value);
        value["roles"] = claims.Where(each => each.Type == ClaimTypes.Role).Select(each => each.Value).ToList();
        Add("authenticationType", principal.Identity?.AuthenticationType);
        value["isAuthenticated"] = principal.Identity?.IsAuthenticated ?? false;
        value["claims"] = claims.ConvertAll(each => new Dictionary<string, object>
        {
            ["type"] = each.Type,
            ["value"] = each.Value,
        });
        return value;

        void Add(string name, string? text)
        {
            if (text != null)
                value[name] = text;
        }
    }
}
