using System.Diagnostics;
using Npgsql;

namespace Capstan.Cluster.Tests;

/// <summary>Three machines with addresses of their own, and their cluster's records in PostgreSQL; one is cut off from all else.</summary>
public sealed class PartitionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_majority_goes_on_and_who_was_cut_off_can_change_nothing_when_it_comes_back()
    {
        using var network = new NetworkNamespaces(3);
        using var line = new CommandLine();
        var alone = await line.TrainAloneAsync("""{ "kind": "DnnRegressor", "hiddenUnits": [16], "epochs": 200, "patience": 200, "batchSize": 64 }""");
        var (database, records) = Records(network);
        (string, string)[] token = [(JoinToken.Variable, "a token for three machines only")];
        // Two of them have room for what three do.
        var machines = Enumerable.Range(0, 3).Select(machine => line.Start(
            $"node --name n{machine} --slots 2 --host {network.AddressOf(machine)} --port 7000 --database '{records}' > n{machine}.log 2>&1", network.On(machine), token)).ToArray();
        var jobs = new JobStore(database, "capstan", TimeProvider.System);
        try
        {
            await TestCluster.UntilAsync("the first node is there", () => Said(line, 0).Contains("In cluster", StringComparison.Ordinal), TimeSpan.FromMinutes(2));
            var job = (await line.RunAsync(
                $"train p.json --data trips.csv --out shared --workers 1 --parameter-servers 2 --join {network.AddressOf(0)}:7000 --detach", token))
                .Split('\n').First(text => text.StartsWith("fares-", StringComparison.Ordinal)).Trim();
            await TestCluster.UntilAsync("it learns", async () =>
                (await jobs.FindAsync(job, CancellationToken.None)) is { Epoch: 1, Progress: var far } && far.StartsWith("epoch ", StringComparison.Ordinal), TimeSpan.FromMinutes(2));

            // The machine of the coordinator and of what runs beside it.
            var cut = int.Parse((await jobs.FindAsync(job, CancellationToken.None))!.Coordinator[1..]); // it was submitted
            network.Cut(cut);
            JobRecord? over = null;
            await TestCluster.UntilAsync("it is over", async () => (over = await jobs.FindAsync(job, CancellationToken.None)) is { IsOver: true }, TimeSpan.FromMinutes(3));

            Assert.Equal(JobState.Succeeded, over!.State);
            Assert.InRange(over.Epoch, 2, long.MaxValue);
            Assert.NotEqual($"n{cut}", over.Coordinator);
            Assert.Contains(alone, over.Result);

            network.Join(cut);
            await TestCluster.UntilAsync("who was cut off has ended itself", () => machines[cut].HasExited, TimeSpan.FromMinutes(2));
            Assert.Equal(over, await jobs.FindAsync(job, CancellationToken.None));
            Assert.Contains(alone, await line.RunAsync("show shared --json"));
        }
        finally
        {
            // For whoever wants to know why it failed.
            for (var machine = 0; machine < machines.Length; machine++)
            {
                output.WriteLine($"n{machine}: {Said(line, machine)}");
            }

            foreach (var job in await jobs.AllAsync(CancellationToken.None))
            {
                output.WriteLine($"{job}");
                (await jobs.LinesAsync(job.Definition.Id, 0, CancellationToken.None)).ForEach(each => output.WriteLine($"{each.Member} | {each.Text}"));
            }

            foreach (var machine in machines)
            {
                machine.Kill(entireProcessTree: true);
                await machine.WaitForExitAsync();
                machine.Dispose();
            }

            NpgsqlConnection.ClearAllPools();
        }
    }

    /// <summary>A schema of the test's own: as this process reaches it, and as the machines do.</summary>
    static (ClusterDatabase Own, string Theirs) Records(NetworkNamespaces network)
    {
        var server = PostgreSqlServer.Shared;
        var schema = $"partition_{Guid.NewGuid():N}";
        using var connection = new NpgsqlConnection(server.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand($"CREATE SCHEMA {schema}", connection);
        command.ExecuteNonQuery();
        var port = network.Open(Path.Combine(server.Folder, ".s.PGSQL.5432"));
        var account = $"{PostgreSqlServer.User}:{Uri.EscapeDataString(PostgreSqlServer.Password)}";
        return (ClusterDatabase.Parse($"{server.Url}&search_path={schema}"), $"postgresql://{account}@{network.Bridge}:{port}/postgres?search_path={schema}");
    }

    static string Said(CommandLine line, int machine) => File.Exists(line.At($"n{machine}.log")) ? File.ReadAllText(line.At($"n{machine}.log")) : "";
}
