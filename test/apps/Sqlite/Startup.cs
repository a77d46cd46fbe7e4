using System.Text;
using Microsoft.Data.Sqlite;

namespace Sqlite;

/// Answers from an in-memory database: the native library under it comes from the app's deps.json.
public class Startup
{
    public async Task Invoke(IDictionary<string, object> env)
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE musician (name TEXT, instrument TEXT);
            INSERT INTO musician VALUES ('Miles', 'trumpet'), ('Bill', 'piano');
            SELECT group_concat(name || ' plays ' || instrument, ', ') FROM musician;
            """;
        var answer = (string)(await command.ExecuteScalarAsync())!;
        var headers = (IDictionary<string, string[]>)env["owin.ResponseHeaders"];
        headers["Content-Type"] = ["text/plain"];
        await ((Stream)env["owin.ResponseBody"]).WriteAsync(Encoding.UTF8.GetBytes(answer));
    }
}
