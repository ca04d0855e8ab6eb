using System.Data.Common;

namespace Capstan.Registry;

/// <summary>
/// The database that holds everything but the files: SQLite in one file, or PostgreSQL, which several servers may share. Both
/// have the same tables by the same <see cref="Migrations"/>, and every statement is written once, in the SQL that both
/// understand.
/// Thread-safe.
/// </summary>
public abstract class RegistryDatabase : IAsyncDisposable
{
    // A transaction that lost against others is tried anew; under 64 writers of one row the unluckiest was seen to need 9.
    const int MostTries = 24;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(4);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private protected RegistryDatabase()
    {
    }

    /// <summary>Opens the database and brings its tables up to this release.</summary>
    /// <param name="address"><c>postgresql://user:password@host:port/database</c>, or the path of an SQLite file, made if need
    /// be.</param>
    /// <exception cref="RegistryUnavailableException">It can't be opened, or is of a later release.</exception>
    public static async Task<RegistryDatabase> OpenAsync(string address, CancellationToken cancellationToken)
    {
        RegistryDatabase database = PostgreSqlDatabase.IsAddress(address) ? new PostgreSqlDatabase(address)
            : new SqliteDatabase(address);
        try
        {
            await database.WriteAsync(session => Migrations.ApplyAsync(session, cancellationToken), cancellationToken);
            return database;
        }
        catch (Exception problem) when (problem is DbException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            await database.DisposeAsync();
            throw new RegistryUnavailableException(database.Place, problem);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where it is, as people may read it: without a password.</summary>
    public abstract string Place { get; }

    /// <summary>How an identity column is declared: numbers given in the order of creation, never again.</summary>
    internal abstract string Identity { get; }

    /// <summary>
    /// What locks the rows that a SELECT of a transaction reads; empty where the whole transaction excludes others.
    /// </summary>
    internal abstract string ForUpdate { get; }

    /// <summary>The labels in the bodies of <c>resources</c>, as rows <c>found(key, value)</c>.</summary>
    internal abstract string LabelsOfBodies { get; }

    /// <summary>Reads one consistent state.</summary>
    public Task<T> ReadAsync<T>(Func<RegistrySession, Task<T>> read, CancellationToken cancellationToken) =>
        RetryAsync(read, forWriting: false, cancellationToken);

    /// <summary>
    /// Changes all or nothing. <paramref name="write"/> may run several times, when others were faster or the connection broke
    /// before the commit was sent, so it must have no effect but on the session.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<RegistrySession, Task<T>> write, CancellationToken cancellationToken) =>
        RetryAsync(write, forWriting: true, cancellationToken);

    public async Task WriteAsync(Func<RegistrySession, Task> write, CancellationToken cancellationToken) =>
        await WriteAsync(async session =>
        {
            await write(session);
            return true;
        }, cancellationToken);

    /// <summary>What makes a comparison of texts one of their bytes, whatever language the database was made for.</summary>
    internal abstract string ByBytes { get; }

    /// <summary>A statement in this database's own words for <c>{identity}</c> and <c>{labels}</c>.</summary>
    internal string Dialect(string sql) => sql.Replace("{identity}", Identity).Replace("{labels}", LabelsOfBodies);

    /// <summary>Copies the whole database into an SQLite file of its own, as it is at one moment.</summary>
    public abstract Task BackupAsync(string path, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    private protected abstract Task<RegistryTransaction> BeginAsync(bool forWriting, CancellationToken cancellationToken);

    private protected abstract bool IsWorthRetrying(DbException problem);

    async Task<T> RetryAsync<T>(Func<RegistrySession, Task<T>> run, bool forWriting, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await RunAsync(run, forWriting, cancellationToken);
            }
            catch (DbException problem) when (tries < MostTries && IsWorthRetrying(problem))
            {
                await Task.Delay(pause, cancellationToken);
                pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
            }
        }
    }

    async Task<T> RunAsync<T>(Func<RegistrySession, Task<T>> run, bool forWriting, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(forWriting, cancellationToken);
        var result = await run(new RegistrySession(this, transaction));
        if (forWriting)
        {
            // Not cancellable: whether an interrupted commit happened could not be told.
            await transaction.CommitAsync();
        }

        return result;
    }
}

/// <summary>The registry's database can't be used.</summary>
public sealed class RegistryUnavailableException(string place, Exception cause) : Exception(
    $"The registry's database at {place} can't be used: {cause.Message} Check that it is there, that this user may write to " +
        $"it, and " +
    $"that it is of this release or an earlier one.", cause)
{
    public string Place { get; } = place;
}
