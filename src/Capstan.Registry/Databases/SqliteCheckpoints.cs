using Microsoft.Data.Sqlite;

namespace Capstan.Registry;

/// <summary>
/// Moves what was committed from the write-ahead log into the file, beside the writers: SQLite would do it within the commit that
/// fills the log, whose caller would wait for a thousand pages and two more flushes of the disk. Where this falls behind, the
/// commit that finds <see cref="SqliteConnections.MostLogPages"/> in the log does it after all.
/// </summary>
sealed class SqliteCheckpoints(SqliteConnections connections) : IAsyncDisposable
{
    // A create changes some eight pages, so that about as many are moved at a time as SQLite would.
    const int CommitsBetween = 128;

    int _commits;
    Task _moving = Task.CompletedTask;

    /// <summary>Called by each writer within its turn.</summary>
    public void Committed()
    {
        if (++_commits % CommitsBetween == 0 && _moving.IsCompleted)
        {
            // A thread of its own: SQLite's calls block.
            _moving = Task.Run(MoveAsync);
        }
    }

    public async ValueTask DisposeAsync() => await _moving;

    async Task MoveAsync()
    {
        try
        {
            var connection = await connections.TakeAsync(CancellationToken.None);
            connection.Execute("pragma wal_checkpoint(passive)");
            await connections.GiveBackAsync(connection);
        }
        catch (SqliteException)
        {
            // The log holds what was committed all the same; the next time it is tried again.
        }
    }
}
