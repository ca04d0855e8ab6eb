using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Capstan.Registry;

/// <summary>
/// Open connections to one SQLite file, each with the statements that it has prepared: reading a resource by its name costs its
/// execution alone, neither the settings of a new connection nor the statement's translation. Thread-safe; each connection that
/// was taken is one caller's.
/// </summary>
sealed class SqliteConnections(string path) : IAsyncDisposable
{
    /// <summary>Of 4 KiB each.</summary>
    public const int MostLogPages = 8192;

    // More readers at once than a machine has processors wait for each other anyway; those beyond are closed when they are done.
    const int MostKept = 16;

    readonly ConcurrentBag<SqliteStatements> _idle = [];
    bool _isClosed;

    public async Task<SqliteStatements> TakeAsync(CancellationToken cancellationToken)
    {
        if (_idle.TryTake(out var idle))
        {
            return idle;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // a full path of a file has a folder
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 30, Pooling = false,
        }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var settings = connection.CreateCommand();
            settings.CommandText = "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; " +
                $"pragma cache_size=-8000; pragma wal_autocheckpoint={MostLogPages}";
            await settings.ExecuteNonQueryAsync(cancellationToken);
            return new SqliteStatements(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps a connection that is in no transaction for the next caller.</summary>
    public ValueTask GiveBackAsync(SqliteStatements connection)
    {
        if (_isClosed || _idle.Count >= MostKept)
        {
            return connection.DisposeAsync();
        }

        _idle.Add(connection);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        while (_idle.TryTake(out var idle))
        {
            await idle.DisposeAsync();
        }
    }
}
