using DuckDB.NET.Native;

namespace Capstan.Data.DuckDb;

/// <summary>The engine found a query or a file wrong.</summary>
sealed class DuckDbException(string message) : Exception(message);

/// <summary>
/// A DuckDB database in memory that reads one file: one thread, rows in the file's order, bounded memory, nothing loaded from
/// elsewhere, nothing spilled. Opening one takes milliseconds, so every reading has its own and closes it.
/// </summary>
sealed class DuckDbSession : IDisposable
{
    readonly DuckDBDatabase _database;
    readonly DuckDBNativeConnection _connection;

    /// <exception cref="DuckDbException">The engine can't start.</exception>
    public DuckDbSession(long memoryBytes)
    {
        Check(NativeMethods.Configuration.DuckDBCreateConfig(out var config), "its configuration can't be made");
        using (config)
        {
            Set(config, "threads", "1");
            Set(config, "preserve_insertion_order", "true");
            Set(config, "memory_limit", $"{memoryBytes}B");
            Set(config, "temp_directory", "");
            Set(config, "autoinstall_known_extensions", "false");
            Set(config, "autoload_known_extensions", "false");
            Check(NativeMethods.Startup.DuckDBOpen(":memory:", out _database, config, out var error), error);
        }

        try
        {
            Check(NativeMethods.Startup.DuckDBConnect(_database, out _connection), "no connection");
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>Starts a query whose rows come as they are computed.</summary>
    public DuckDbRows Query(string sql) => new(_connection, sql);

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    static void Set(DuckDBConfig config, string name, string value) =>
        Check(NativeMethods.Configuration.DuckDBSetConfig(config, name, value), $"{name} = {value} is refused");

    static void Check(DuckDBState state, string problem)
    {
        if (state != DuckDBState.Success)
        {
            throw new DuckDbException($"DuckDB can't start: {problem}.");
        }
    }
}
