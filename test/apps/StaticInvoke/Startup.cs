using System.Text;

/// In no namespace, static, and not public: found all the same.
internal static class Startup
{
    public static async Task<int> Invoke(IDictionary<string, object> env)
    {
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes("static"));
        return 0;
    }
}
