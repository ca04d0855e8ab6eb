using System.Collections.Immutable;
using Npgsql;

namespace Capstan.Data.PostgreSql;

/// <summary>
/// The rows of a database at one moment: an open transaction that has exported its snapshot, for other connections to see the
/// same.
/// </summary>
sealed class PostgreSqlSnapshot : IAsyncDisposable
{
    // One order of rows for every reading, and no setting of the server's or the user's that would change how values are written.
    const string Begin =
        "SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; " +
        "SET extra_float_digits = 1; SET jit = off; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    readonly PostgreSqlAddress _address;
    readonly NpgsqlConnection _connection;
    readonly string _name;

    PostgreSqlSnapshot(PostgreSqlAddress address, NpgsqlConnection connection, string name, string state, string server)
    {
        (_address, _connection, _name) = (address, connection, name);
        (State, Server) = (state, server);
    }

    /// <summary>Which transactions it sees.</summary>
    public string State { get; }

    /// <summary>The number that the server's files have carried since they were made.</summary>
    public string Server { get; }

    /// <summary>What other connections see the same by, in any process, while this one lives.</summary>
    public string Name => _name;

    /// <param name="name">A snapshot that another process has taken; null takes a new one.</param>
    public static async Task<PostgreSqlSnapshot> TakeAsync(PostgreSqlAddress address, string? name, CancellationToken cancellationToken)
    {
        var connection = address.Connection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            await ExecuteAsync(connection, name is null ? Begin : $"{Begin}; {Seeing(name)}", cancellationToken);
            var facts = await RowAsync(
                connection,
                $"SELECT {(name is null ? "pg_export_snapshot()" : $"'{name}'")}, CAST(pg_current_snapshot() AS text), CAST(system_identifier AS text) " +
                "FROM pg_control_system()",
                cancellationToken);
            // None is ever NULL.
            return new PostgreSqlSnapshot(address, connection, (string)facts[0]!, (string)facts[1]!, (string)facts[2]!);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection that sees this snapshot, for its user to dispose of.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = _address.Connection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            await ExecuteAsync(connection, $"{Begin}; {Seeing(_name)}", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Columns and parts of what the address names.</summary>
    /// <exception cref="UnreadableDataException">A column's type has no counterpart, or a declared one does not fit.</exception>
    /// <exception cref="UnknownColumnException">A declared type or the key names a column that is not there.</exception>
    public async Task<PostgreSqlRelation> DescribeAsync(
        ImmutableDictionary<string, DataType> types, CancellationToken cancellationToken)
    {
        // On a connection that ends: the snapshot's own would lock the table as long as it is held, in the way of whoever alters
        // it.
        await using var connection = await ConnectAsync(cancellationToken);
        return await PostgreSqlRelation.FindAsync(_address, connection, types, cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <exception cref="ArgumentException">The name is none that a server gives.</exception>
    static string Seeing(string name) => name.All(letter => char.IsAsciiHexDigit(letter) || letter == '-')
        ? $"SET TRANSACTION SNAPSHOT '{name}'"
        : throw new ArgumentException($"'{name}' is no name of a snapshot; expected one such as 00000003-0000001B-1.", nameof(name));

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static async Task<object?[]> RowAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var fields = Enumerable.Range(0, reader.FieldCount);
        return [.. fields.Select(index => reader.IsDBNull(index) ? null : reader.GetValue(index))];
    }
}
