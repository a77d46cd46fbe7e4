using Owin.Host.Functions;
using Owin.Host.Http;

namespace Owin.Host.Hosting;

/// <summary>The fields of the command <c>load</c>, as src/hosting/load-fields.ts writes them.</summary>
internal static class LoadFields
{
    public static AppOptions Read(JsEnvironment environment, string[] fields)
    {
        int id = int.Parse(fields[1]);
        int at = 13;
        var args = ReadList(fields, ref at);
        var configuration = ReadList(fields, ref at);
        var properties = new Dictionary<string, string>();
        for (; at + 1 < fields.Length; at += 2)
            properties[fields[at]] = fields[at + 1];
        JsFunctions? functions = null;
        Dictionary<string, object>? values = null;
        if (environment.TakeAppValues(id) is { } given)
        {
            functions = new JsFunctions(environment, "handler");
            values = ValueReader.Read(given, functions) as Dictionary<string, object>;
        }
        return new AppOptions
        {
            JsEnvironment = environment,
            Source = fields[2],
            Type = OrNull(fields[3]),
            Method = OrNull(fields[4]),
            Startup = OrNull(fields[5]),
            StartTimeout = int.Parse(fields[6]),
            Unloadable = fields[7] == "true",
            Output = new AppOutput(environment.Id, id, hasLog: fields[8] == "true"),
            Kind = fields[9],
            EnvironmentName = fields[10],
            ContentRoot = OrNull(fields[11]),
            CpuBound = fields[12] == "true",
            Args = args,
            Configuration = configuration,
            Properties = properties,
            Values = RequestValues.NodeKeys(values),
            Functions = functions,
            Requests = new AppRequests(environment, id),
        };
    }

    static string? OrNull(string field) => field.Length == 0 ? null : field;

    // How many there are, then these.
    static string[] ReadList(string[] fields, ref int at)
    {
        int count = int.Parse(fields[at++]);
        var list = fields[at..(at + count)];
        at += count;
        return list;
    }
}
