using System.Data;
using System.Data.Common;
using Npgsql;

namespace Capstan.Registry;

/// <summary>A database of PostgreSQL 13 or later, in the schema <c>capstan</c>; any number of servers may share it.</summary>
sealed class PostgreSqlDatabase : RegistryDatabase
{
    static readonly string[] Schemes = ["postgresql://", "postgres://"];

    readonly NpgsqlDataSource _source;

    public PostgreSqlDatabase(string address)
    {
        var settings = SettingsOf(address);
        Place = $"postgresql://{settings.Host}{(settings.Port == 5432 ? "" : $":{settings.Port}")}/{settings.Database}";
        settings.SearchPath = "capstan";
        settings.ApplicationName = "capstan";
        settings.MaxAutoPrepare = 64;
        _source = NpgsqlDataSource.Create(settings);
    }

    public override string Place { get; }

    internal override string Identity => "bigint generated always as identity primary key";

    internal override string ForUpdate => " for update";

    internal override string ByBytes => " collate \"C\"";

    internal override string LabelsOfBodies => "json_each_text(resources.body::json -> 'labels') as found";

    public static bool IsAddress(string address) => Schemes.Any(scheme => address.StartsWith(scheme, StringComparison.Ordinal));

    /// <summary>Into the same tables in an SQLite file: a backup is opened by either database's restore.</summary>
    public override async Task BackupAsync(string path, CancellationToken cancellationToken)
    {
        await using var copy = await OpenAsync(path, cancellationToken);
        await ReadAsync(async session =>
        {
            await TableCopy.RunAsync(session, copy, cancellationToken);
            return true;
        }, cancellationToken);
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private protected override async Task<RegistryTransaction> BeginAsync(bool forWriting, CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        try
        {
            // Writers lock the rows that they read (ForUpdate), so that the weakest level is enough for them.
            return new Transaction(connection, await connection.BeginTransactionAsync(
                forWriting ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Deadlocks, a server that restarts, a connection that it closed. A commit whose answer was lost is retried too:
    /// the statements compare revisions or insert by name, so that doing it twice is seen.</summary>
    private protected override bool IsWorthRetrying(DbException problem) => problem is NpgsqlException { IsTransient: true } ||
        problem is PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "40001" or "40P01" };

    static NpgsqlConnectionStringBuilder SettingsOf(string address)
    {
        var uri = new Uri(address.Replace("@/", "@localhost/", StringComparison.Ordinal));
        var user = uri.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host, Port = uri.Port < 0 ? 5432 : uri.Port,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
        };
        if (user[0].Length > 0)
        {
            settings.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length == 2)
        {
            settings.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var key, var text] ? (key, Uri.UnescapeDataString(text)) : (part, "");
            settings[name switch { "host" => "Host", "sslmode" => "SSL Mode", "port" => "Port", _ => name }] = value;
        }

        return settings;
    }

    /// <summary>Statements are prepared by the connections themselves (<c>MaxAutoPrepare</c>).</summary>
    sealed class Transaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : RegistryTransaction
    {
        public override DbCommand Take(string sql) => new NpgsqlCommand(sql, connection, transaction);

        public override void GiveBack(DbCommand command) => command.Dispose();

        public override Task CommitAsync() => transaction.CommitAsync(CancellationToken.None);

        public override async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                await transaction.DisposeAsync();
            }
        }
    }
}
