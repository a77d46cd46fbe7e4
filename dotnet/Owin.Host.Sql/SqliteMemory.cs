using Microsoft.Data.Sqlite;

namespace Owin.Host.Sql;

/// <summary>Databases of SQLite's in memory: one for all connections of a source, where SQLite has one for each.</summary>
internal static class SqliteMemory
{
    /// <summary>Makes the connection string that of a database that is shared. False: it is a file's.</summary>
    public static bool TryShare(ref string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        if (builder.Mode == SqliteOpenMode.Memory && builder.Cache == SqliteCacheMode.Shared)
            return true;
        if (builder.DataSource is not (":memory:" or "") && builder.Mode != SqliteOpenMode.Memory)
            return false;
        builder.DataSource = $"owin-{Guid.NewGuid():N}";
        builder.Mode = SqliteOpenMode.Memory;
        builder.Cache = SqliteCacheMode.Shared;
        connectionString = builder.ConnectionString;
        return true;
    }
}
