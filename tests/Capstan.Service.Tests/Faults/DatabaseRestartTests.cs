using System.Text;
using Npgsql;

namespace Capstan.Service.Tests.Faults;

/// <summary>PostgreSQL goes down without a word and comes back while servers are written to.</summary>
public sealed class DatabaseRestartTests
{
    const int Restarts = 3;
    const int Writers = 8;

    [Fact]
    public async Task Writes_wait_for_a_database_that_restarts_and_nothing_acknowledged_is_lost()
    {
        var server = PostgreSqlServer.Restartable();
        await using var service = await RunningService.StartAsync(options => options with { Database = server.Url, Jobs = null });
        var (stored, refused, isOver) = (0, 0, false);
        var acknowledged = new List<string>[Writers];
        async Task WriteAsync(int writer)
        {
            acknowledged[writer] = [];
            for (var number = 0; !Volatile.Read(ref isOver); number++)
            {
                var name = $"w{writer}_{number}";
                using var response = await service.Http.PostAsync("/v1/projects/p/models", new StringContent($$"""{"name":"{{name}}"}""", Encoding.UTF8, "application/json"));

                // A commit whose answer was lost is sent again, and finds its own: it is stored, which is what counts.
                if ((int)response.StatusCode is 200 or 409)
                {
                    acknowledged[writer].Add(name);
                    Interlocked.Increment(ref stored);
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer))));
        for (var restart = 0; restart < Restarts; restart++)
        {
            for (var before = Volatile.Read(ref stored); Volatile.Read(ref stored) < before + 100;)
            {
                await Task.Delay(10);
            }

            await server.RestartAsync();
        }

        for (var before = Volatile.Read(ref stored); Volatile.Read(ref stored) < before + 100;)
        {
            await Task.Delay(10);
        }

        Volatile.Write(ref isOver, true);
        await writing;
        Assert.Equal(0, refused);
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("select name from capstan.resources where kind = 'model'", connection);
        var names = new HashSet<string>();
        await using var reader = await count.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        Assert.All(acknowledged.SelectMany(each => each), name => Assert.Contains($"projects/p/models/{name}", names));
    }
}
