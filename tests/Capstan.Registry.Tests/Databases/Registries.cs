using Npgsql;

namespace Capstan.Registry.Tests;

/// <summary>The databases that the suite holds for, each new and empty.</summary>
static class Registries
{
    public static TheoryData<string> All => ["SQLite", "PostgreSQL"];

    /// <summary>An address that any number of servers may open.</summary>
    public static async Task<(string Address, IAsyncDisposable End)> NewAsync(string kind)
    {
        if (kind == "SQLite")
        {
            var folder = Directory.CreateTempSubdirectory("capstan-registry-");
            return (Path.Combine(folder.FullName, "registry.db"), new End(() =>
            {
                folder.Delete(recursive: true);
                return ValueTask.CompletedTask;
            }));
        }

        var server = PostgreSqlServer.Shared;
        var name = $"registry_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {name}", connection);
        await create.ExecuteNonQueryAsync();
        return (server.Url.Replace("/postgres?", $"/{name}?"), new End(() => ValueTask.CompletedTask));
    }

    sealed class End(Func<ValueTask> end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => end();
    }
}
