using System.Text.Json.Nodes;
using Npgsql;

namespace Capstan.Service.Tests.Hosting;

/// <summary>Servers that share a PostgreSQL and a store.</summary>
public sealed class SharedDatabaseTests
{
    [Fact]
    public async Task Two_servers_are_one_service_and_share_the_work()
    {
        var postgres = PostgreSqlServer.Shared;
        var name = $"service_{Guid.NewGuid():N}";
        await using (var connection = new NpgsqlConnection(postgres.ConnectionString))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"create database {name}", connection);
            await create.ExecuteNonQueryAsync();
        }

        var store = Directory.CreateTempSubdirectory("capstan-shared-");
        ServiceOptions Shared(ServiceOptions options) => options with
        {
            Database = postgres.Url.Replace("/postgres?", $"/{name}?"), Artifacts = store.FullName,
        };
        await using (var one = await RunningService.StartAsync(Shared))
        await using (var other = await RunningService.StartAsync(Shared))
        {
            await one.WithModelAsync("p");
            var body = $$"""{"instances":[{{TripsModel.Instance}}]}""";
            Assert.Equal(
                (await one.DoAsync("POST", "/v1/projects/p/models/trips:predict", body)).ToJsonString(),
                (await other.DoAsync("POST", "/v1/projects/p/models/trips:predict", body)).ToJsonString());

            // More jobs than one server has slots: both take some, each is run once, and either tells of all.
            var trainer = Trainer.Write(Path.Combine(store.FullName, "trainer"), "marks", $"echo $CLOUD_ML_JOB_ID >> '{store.FullName}/marks'; sleep 0.3");
            for (var index = 0; index < 6; index++)
            {
                await one.DoAsync("POST", "/v1/projects/p/jobs", new JsonObject
                {
                    ["jobId"] = $"j{index}", ["trainingInput"] = new JsonObject { ["pythonModule"] = "marks", ["packageUris"] = new JsonArray(trainer) },
                }.ToJsonString());
            }

            for (var index = 0; index < 6; index++)
            {
                await other.WaitForJobAsync($"projects/p/jobs/j{index}", "SUCCEEDED");
            }

            Assert.Equal(Enumerable.Range(0, 6).Select(index => $"j{index}"), File.ReadLines(Path.Combine(store.FullName, "marks")).Order());
            var folders = new[] { one, other }.Select(service => Directory.GetDirectories(service.At("jobs/p")).Length).ToArray();
            Assert.Equal(6, folders.Sum());
            Assert.DoesNotContain(0, folders);
        }

        store.Delete(recursive: true);
    }
}
