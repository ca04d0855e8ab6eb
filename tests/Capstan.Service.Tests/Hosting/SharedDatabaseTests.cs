using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Hosting;

/// <summary>Servers that share a PostgreSQL and a store.</summary>
public sealed class SharedDatabaseTests
{
    [Fact]
    public async Task Two_servers_are_one_service_and_share_the_work()
    {
        await using var shared = await SharedServers.CreateAsync();
        await using (var one = await RunningService.StartAsync(shared.Options))
        await using (var other = await RunningService.StartAsync(shared.Options))
        {
            await one.WithModelAsync("p");
            var body = $$"""{"instances":[{{TripsModel.Instance}}]}""";
            Assert.Equal(
                (await one.DoAsync("POST", "/v1/projects/p/models/trips:predict", body)).ToJsonString(),
                (await other.DoAsync("POST", "/v1/projects/p/models/trips:predict", body)).ToJsonString());

            // More jobs than one server has slots: both take some, each is run once, and either tells of all.
            // They last until both have some.
            var trainer = Trainer.Write(
                Path.Combine(shared.Store, "trainer"), "marks", $"echo $CLOUD_ML_JOB_ID >> '{shared.Store}/marks'; while [ ! -e '{shared.Store}/go' ]; do sleep 0.1; done");
            for (var index = 0; index < 6; index++)
            {
                await one.DoAsync("POST", "/v1/projects/p/jobs", new JsonObject
                {
                    ["jobId"] = $"j{index}", ["trainingInput"] = new JsonObject { ["pythonModule"] = "marks", ["packageUris"] = new JsonArray(trainer) },
                }.ToJsonString());
            }

            int[] Taken() => [.. new[] { one, other }.Select(service => Directory.Exists(service.At("jobs/p")) ? Directory.GetDirectories(service.At("jobs/p")).Length : 0)];
            await Waiting.UntilAsync("both servers have taken jobs", () => !Taken().Contains(0), () => string.Join(" and ", Taken()));
            File.WriteAllText(Path.Combine(shared.Store, "go"), "");
            for (var index = 0; index < 6; index++)
            {
                await other.WaitForJobAsync($"projects/p/jobs/j{index}", "SUCCEEDED");
            }

            Assert.Equal(Enumerable.Range(0, 6).Select(index => $"j{index}"), File.ReadLines(Path.Combine(shared.Store, "marks")).Order());
            Assert.Equal(6, Taken().Sum());
        }
    }
}
