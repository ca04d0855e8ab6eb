using Microsoft.Data.Sqlite;

namespace Capstan.Registry;

/// <summary>A connection and its prepared statements. Not thread-safe.</summary>
sealed class SqliteStatements(SqliteConnection connection) : IAsyncDisposable
{
    // The service has some sixty statements; a migration's many are prepared once each and not kept.
    const int MostKept = 128;

    readonly Dictionary<string, SqliteCommand> _idle = new(StringComparer.Ordinal);

    /// <summary>A statement without parameters; taken twice at once, it is two.</summary>
    public SqliteCommand Take(string sql)
    {
        if (_idle.Remove(sql, out var idle))
        {
            return idle;
        }

        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    public void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        if (_idle.Count >= MostKept || !_idle.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }

    /// <summary>A statement that has neither parameters nor rows.</summary>
    public void Execute(string sql)
    {
        var command = Take(sql);
        command.ExecuteNonQuery();
        GiveBack(command);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _idle.Values)
        {
            await command.DisposeAsync();
        }

        await connection.DisposeAsync();
    }
}
