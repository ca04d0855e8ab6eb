using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Capstan.Cluster;

/// <summary>
/// Where a cluster keeps what must outlive each of its nodes: who is a member, and what became of its jobs. A file of SQLite
/// serves the nodes of one machine, PostgreSQL those of many; both are asked in the SQL that they share.
/// </summary>
/// <remarks>
/// Every change is one transaction and compares a version first, so that of two writers one finds out and reads again.
/// </remarks>
public sealed class ClusterDatabase
{
    const string FileScheme = "sqlite:";

    // All nodes of a machine write to the one file; each holds it for a few milliseconds.
    const int LockSeconds = 20;

    const string Tables =
        """
        CREATE TABLE IF NOT EXISTS capstan_cluster (
            cluster TEXT PRIMARY KEY, version BIGINT NOT NULL, beat BIGINT NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS capstan_members (
            cluster TEXT NOT NULL, address TEXT NOT NULL, version BIGINT NOT NULL, status INTEGER NOT NULL,
            alive BIGINT NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (cluster, address));
        CREATE TABLE IF NOT EXISTS capstan_jobs (
            cluster TEXT NOT NULL, job TEXT NOT NULL, created BIGINT NOT NULL, priority INTEGER NOT NULL, definition TEXT NOT NULL,
            state INTEGER NOT NULL, epoch BIGINT NOT NULL, cancel INTEGER NOT NULL, coordinator TEXT NOT NULL, endpoint TEXT NOT NULL,
            reason TEXT NOT NULL, progress TEXT NOT NULL, result TEXT NOT NULL, started BIGINT NOT NULL, ended BIGINT NOT NULL,
            PRIMARY KEY (cluster, job));
        CREATE TABLE IF NOT EXISTS capstan_job_lines (
            line {counting}, cluster TEXT NOT NULL, job TEXT NOT NULL, member TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS capstan_lines_of_job ON capstan_job_lines (cluster, job, line);
        CREATE TABLE IF NOT EXISTS capstan_job_members (
            cluster TEXT NOT NULL, job TEXT NOT NULL, member TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (cluster, job, member));
        CREATE TABLE IF NOT EXISTS capstan_leases (
            cluster TEXT NOT NULL, node TEXT NOT NULL, roles INTEGER NOT NULL, pool TEXT NOT NULL, lease TEXT NOT NULL,
            PRIMARY KEY (cluster, node));
        """;

    readonly Func<DbConnection> _connect;

    ClusterDatabase(string address, bool isLocal, Func<DbConnection> connect) => (Address, IsLocal, _connect) = (address, isLocal, connect);

    /// <summary>As <see cref="Parse"/> takes it, with the password where there is one.</summary>
    public string Address { get; }

    /// <summary>Only processes of this machine can reach it.</summary>
    public bool IsLocal { get; }

    /// <param name="address"><c>sqlite:FILE</c> or <c>postgresql://user:password@host:port/database</c>.</param>
    /// <exception cref="ClusterAddressException">The address is neither.</exception>
    public static ClusterDatabase Parse(string address) =>
        address.StartsWith(FileScheme, StringComparison.Ordinal) ? OfFile(address[FileScheme.Length..])
        : address.StartsWith("postgresql://", StringComparison.Ordinal) || address.StartsWith("postgres://", StringComparison.Ordinal)
            ? OfServer(address)
        : throw new ClusterAddressException(address, "it is of no kind that is known");

    static ClusterDatabase OfFile(string file)
    {
        if (file.Length == 0)
        {
            throw new ClusterAddressException(FileScheme, "it names no file");
        }

        var path = Path.GetFullPath(file);
        var settings = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = LockSeconds }.ConnectionString;
        return new ClusterDatabase(FileScheme + path, true, () => new SqliteConnection(settings));
    }

    static ClusterDatabase OfServer(string address)
    {
        // The form of PostgreSQL's own programs for a socket names no host, which .NET takes for no URL.
        if (!Uri.TryCreate(address.Replace("@/", "@localhost/").Replace(":///", "://localhost/"), UriKind.Absolute, out var url))
        {
            throw new ClusterAddressException(address, "it is no URL");
        }

        var user = url.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder { ApplicationName = "capstan cluster", Timeout = 5, CommandTimeout = 10 };
        foreach (var setting in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('=', 2)))
        {
            var value = Uri.UnescapeDataString(setting[^1]);
            settings[setting[0] switch
            {
                "host" => "Host",
                "sslmode" => "SSL Mode",
                "search_path" => "Search Path",
                var other => throw new ClusterAddressException(address, $"its setting '{other}' is not known; there are host, sslmode, search_path"),
            }] = setting[0] == "sslmode" ? value.Replace("-", "") : value;
        }

        settings.Host ??= url.Host.Length > 0 ? url.Host.Trim('[', ']') : "localhost";
        settings.Port = url.Port > 0 ? url.Port : settings.Port;
        settings.Database = url.AbsolutePath.TrimStart('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : null;
        settings.Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null;
        settings.Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null;
        var text = settings.ConnectionString;
        return new ClusterDatabase(address, false, () => new NpgsqlConnection(text));
    }

    /// <summary>Makes the tables where they are missing.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        if (IsLocal)
        {
            // Readers then don't wait for a writer. The mode is the file's and stays.
            await connection.RunAsync("PRAGMA journal_mode = WAL", [], cancellationToken);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!IsLocal)
        {
            // Two nodes that make the same table at once would else collide in PostgreSQL's catalogue.
            await connection.RunAsync("SELECT pg_advisory_xact_lock(4357250)", [], cancellationToken);
        }

        var counting = IsLocal ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
        await connection.RunAsync(Tables.Replace("{counting}", counting), [], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    internal async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = _connect();
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Without the password.</summary>
    public override string ToString() => ClusterAddressException.WithoutUser(Address).Split('?')[0];
}
