using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Capstan.Registry;

/// <summary>
/// One file beside its write-ahead log. Readers never wait; writers wait for each other here, in the order in which they came,
/// since SQLite itself only polls. Commits are on the disk before they return (<c>synchronous=FULL</c>).
/// </summary>
sealed class SqliteDatabase : RegistryDatabase
{
    const int Busy = 5;
    const int Locked = 6;

    readonly string _connectionString;
    readonly string _path;
    readonly SemaphoreSlim _writer = new(1, 1);

    public SqliteDatabase(string path)
    {
        _path = Path.GetFullPath(path);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = _path, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 30,
        }.ToString();
    }

    public override string Place => _path;

    internal override string Identity => "integer primary key autoincrement";

    internal override string ForUpdate => "";

    public override async Task BackupAsync(string path, CancellationToken cancellationToken)
    {
        await using var source = await ConnectAsync(cancellationToken);
        await using var command = source.CreateCommand();
        command.CommandText = "vacuum into @path";
        command.Parameters.AddWithValue("@path", Path.GetFullPath(path));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        SqliteConnection.ClearPool(new SqliteConnection(_connectionString));
        _writer.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected override async Task<(DbConnection Connection, DbTransaction Transaction)> BeginAsync(
        bool forWriting, CancellationToken cancellationToken)
    {
        if (!forWriting)
        {
            var reader = await ConnectAsync(cancellationToken);
            return (reader, reader.BeginTransaction(IsolationLevel.Serializable, deferred: true));
        }

        await _writer.WaitAsync(cancellationToken);
        try
        {
            var connection = await ConnectAsync(cancellationToken);
            return (connection,
                new TurnTransaction(connection.BeginTransaction(IsolationLevel.Serializable, deferred: false), _writer));
        }
        catch
        {
            _writer.Release();
            throw;
        }
    }

    private protected override bool IsWorthRetrying(DbException problem) =>
        problem is SqliteException { SqliteErrorCode: Busy or Locked };

    async Task<SqliteConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!); // a full path of a file has a folder
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var settings = connection.CreateCommand();
            settings.CommandText =
                "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; pragma cache_size=-8000";
            await settings.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A transaction whose end lets the next writer in.</summary>
    sealed class TurnTransaction(SqliteTransaction transaction, SemaphoreSlim turn) : DbTransaction
    {
        SemaphoreSlim? _turn = turn;

        public SqliteTransaction Inner => transaction;

        public override IsolationLevel IsolationLevel => transaction.IsolationLevel;

        protected override DbConnection? DbConnection => transaction.Connection;

        public override void Commit() => transaction.Commit();

        public override void Rollback() => transaction.Rollback();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                transaction.Dispose();
                Interlocked.Exchange(ref _turn, null)?.Release();
            }

            base.Dispose(disposing);
        }
    }

    /// <summary>SQLite's commands want SQLite's own transaction.</summary>
    internal static DbTransaction Plain(DbTransaction transaction) =>
        transaction is TurnTransaction { Inner: var inner } ? inner : transaction;
}
