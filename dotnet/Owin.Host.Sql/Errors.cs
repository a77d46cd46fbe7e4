using System.Data.Common;

namespace Owin.Host.Sql;

/// <summary>What providers know of an error beside its message, put where it crosses: in Exception.Data.</summary>
internal static class Errors
{
    public static async Task<T> Describe<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (DbException error)
        {
            Describe(error);
            throw;
        }
    }

    public static async Task Describe(Task work)
    {
        try
        {
            await work;
        }
        catch (DbException error)
        {
            Describe(error);
            throw;
        }
    }

    static void Describe(DbException error)
    {
        if (error.SqlState != null)
            error.Data["SqlState"] = error.SqlState;
        if (error is Microsoft.Data.Sqlite.SqliteException sqlite)
            error.Data["SqliteErrorCode"] = sqlite.SqliteExtendedErrorCode;
        error.Data["IsTransient"] = error.IsTransient;
    }
}
