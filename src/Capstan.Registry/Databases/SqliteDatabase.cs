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

    readonly string _path;
    readonly SqliteConnections _connections;
    readonly SqliteCheckpoints _checkpoints;
    readonly SemaphoreSlim _writer = new(1, 1);

    public SqliteDatabase(string path)
    {
        _path = Path.GetFullPath(path);
        _connections = new SqliteConnections(_path);
        _checkpoints = new SqliteCheckpoints(_connections);
    }

    public override string Place => _path;

    internal override string Identity => "integer primary key autoincrement";

    internal override string ForUpdate => "";

    internal override string ByBytes => "";

    internal override string LabelsOfBodies => "json_each(resources.body, '$.labels') as found";

    public override async Task BackupAsync(string path, CancellationToken cancellationToken)
    {
        var source = await _connections.TakeAsync(cancellationToken);
        var command = source.Take("vacuum into @path");
        command.Parameters.AddWithValue("@path", Path.GetFullPath(path));
        await command.ExecuteNonQueryAsync(cancellationToken);
        source.GiveBack(command);
        await _connections.GiveBackAsync(source);
    }

    public override async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync();
        await _connections.DisposeAsync();
        _writer.Dispose();
    }

    private protected override async Task<RegistryTransaction> BeginAsync(bool forWriting, CancellationToken cancellationToken)
    {
        if (!forWriting)
        {
            return await BeginAsync("begin deferred", cancellationToken);
        }

        await _writer.WaitAsync(cancellationToken);
        try
        {
            return await BeginAsync("begin immediate", cancellationToken);
        }
        catch
        {
            _writer.Release();
            throw;
        }
    }

    private protected override bool IsWorthRetrying(DbException problem) =>
        problem is SqliteException { SqliteErrorCode: Busy or Locked };

    async Task<RegistryTransaction> BeginAsync(string begin, CancellationToken cancellationToken)
    {
        var connection = await _connections.TakeAsync(cancellationToken);
        try
        {
            connection.Execute(begin);
            return new Transaction(this, connection, isWriter: begin == "begin immediate");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    sealed class Transaction(SqliteDatabase database, SqliteStatements connection, bool isWriter) : RegistryTransaction
    {
        bool _isOpen = true;

        public override DbCommand Take(string sql) => connection.Take(sql);

        public override void GiveBack(DbCommand command) => connection.GiveBack((SqliteCommand)command); // taken here

        public override Task CommitAsync()
        {
            connection.Execute("commit");
            _isOpen = false;
            database._checkpoints.Committed();
            return Task.CompletedTask;
        }

        public override async ValueTask DisposeAsync()
        {
            try
            {
                await EndAsync();
            }
            finally
            {
                if (isWriter)
                {
                    database._writer.Release();
                }
            }
        }

        async ValueTask EndAsync()
        {
            try
            {
                if (_isOpen)
                {
                    connection.Execute("rollback");
                }
            }
            catch (SqliteException)
            {
                // SQLite has undone it by itself, or can't; closing does in either case.
                await connection.DisposeAsync();
                return;
            }

            await database._connections.GiveBackAsync(connection);
        }
    }
}
