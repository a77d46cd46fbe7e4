using System.Text;

namespace OtherName;

/// Has to be named: { type: 'OtherName.Band', method: 'Play' }.
public class Band
{
    readonly string greeting = "played by the band";

    public async Task Play(IDictionary<string, object> env) =>
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes(greeting));

    public class Nested
    {
        public static async Task Solo(IDictionary<string, object> env) =>
            await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes("solo"));
    }
}
