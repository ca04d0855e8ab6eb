using System.Collections.Immutable;
using Npgsql;

namespace Capstan.Data.PostgreSql.Tests;

/// <summary>A schema of its own on the test run's server.</summary>
sealed class Database : IAsyncDisposable
{
    readonly NpgsqlConnection _connection = new(PostgreSqlServer.Shared.ConnectionString);
    readonly string _name = $"test_{Guid.NewGuid():N}";

    public static async Task<Database> CreateAsync(string sql = "SELECT 1")
    {
        var database = new Database();
        await database._connection.OpenAsync();
        await database.ExecuteAsync($"CREATE SCHEMA {database._name}; SET search_path = {database._name}; {sql}");
        return database;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<object?> ValueAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Of a table in this schema.</summary>
    public PostgreSqlAddress At(string table) => PostgreSqlAddress.Parse($"{PostgreSqlServer.Shared.Url}&table={_name}.{table}");

    /// <summary>Of a query that may say {0} for the schema.</summary>
    public PostgreSqlAddress Query(string query) => At("t") with { Table = null, Query = string.Format(query, _name) };

    public Task<PostgreSqlSource> OpenAsync(string table) => PostgreSqlSource.OpenAsync(At(table), ImmutableDictionary<string, DataType>.Empty, default);

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync($"DROP SCHEMA {_name} CASCADE");
        await _connection.DisposeAsync();
    }

    /// <summary>All rows, each as its values.</summary>
    public static async Task<List<object?[]>> RowsAsync(IBatchSource source, params string[] columns)
    {
        var rows = new List<object?[]>();
        await foreach (var batch in source.ReadAllAsync(columns.Length == 0 ? [.. source.Schema.Names] : columns, default))
        {
            rows.AddRange(Enumerable.Range(0, batch.RowCount).Select(row => batch.Columns.Select(column => column.ValueAt(row)).ToArray()));
        }

        return rows;
    }
}
