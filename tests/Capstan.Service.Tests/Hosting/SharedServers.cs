using Npgsql;

namespace Capstan.Service.Tests;

/// <summary>A database on the suite's PostgreSQL and a store, for servers that share them.</summary>
sealed class SharedServers : IAsyncDisposable
{
    readonly DirectoryInfo _store = Directory.CreateTempSubdirectory("capstan-shared-");

    SharedServers(string database) => Database = database;

    public string Database { get; }

    public string Store => _store.FullName;

    public static async Task<SharedServers> CreateAsync()
    {
        var postgres = PostgreSqlServer.Shared;
        var name = $"service_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(postgres.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new SharedServers(postgres.Url.Replace("/postgres?", $"/{name}?"));
    }

    public ServiceOptions Options(ServiceOptions options) => options with { Database = Database, Artifacts = Store };

    public ValueTask DisposeAsync()
    {
        _store.Remove();
        return ValueTask.CompletedTask;
    }
}
