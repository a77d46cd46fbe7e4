using System.Text;
using Newtonsoft.Json;

namespace NewtonsoftThirteen;

/// Answers with the version of Newtonsoft.Json that it runs, serialized by it, and with where that lies.
public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        var assembly = typeof(JsonConvert).Assembly;
        var answer = new { version = assembly.GetName().Version!.ToString(), location = assembly.Location };
        var body = (Stream)env["owin.ResponseBody"];
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["application/json"];
        await body.WriteAsync(Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(answer)));
    }
}
