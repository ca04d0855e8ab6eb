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
        var (database, records) = Records(network);
        (string, string)[] token = [(JoinToken.Variable, "a token for three machines only")];
        // Two of them have room for what three do.
        var machines = Enumerable.Range(0, 3).Select(machine => line.Start(
            $"node --name n{machine} --slots 2 --host {network.AddressOf(machine)} --port 7000 --database '{records}' > n{machine}.log 2>&1", network.On(machine), token)).ToArray();
        var jobs = new JobStore(database, "capstan", TimeProvider.System);
        try
        {
            await TestCluster.UntilAsync("the first node is there", () => Said(line, 0).Contains("In cluster", StringComparison.Ordinal));
            var (job, alone, stands) = await CatchAsync(line, $"--join {network.AddressOf(0)}:7000", token, jobs, machines);

            // The machine of the coordinator and of what runs beside it.
            var cut = int.Parse(stands.Coordinator[1..]);
            network.Cut(cut);
            Signal(machines, "CONT");
            JobRecord? over = null;
            await TestCluster.UntilAsync("it is over", async () => (over = await jobs.FindAsync(job.Id, CancellationToken.None)) is { IsOver: true });

            Assert.Equal(JobState.Succeeded, over!.State);
            Assert.InRange(over.Epoch, 2, long.MaxValue);
            Assert.NotEqual($"n{cut}", over.Coordinator);
            Assert.Contains(alone, over.Result);

            network.Join(cut);
            await TestCluster.UntilAsync("who was cut off has ended itself", () => machines[cut].HasExited);
            Assert.Equal(over, await jobs.FindAsync(job.Id, CancellationToken.None));
            Assert.Contains(alone, await line.RunAsync($"show {Shared(job.Longer)} --json"));
        }
        finally
        {
            // For whoever wants to know why it failed.
            for (var machine = 0; machine < machines.Length; machine++)
            {
                output.WriteLine($"n{machine}: {Said(line, machine)}");
            }

            foreach (var each in await jobs.AllAsync(CancellationToken.None))
            {
                output.WriteLine($"{each}");
                (await jobs.LinesAsync(each.Definition.Id, 0, CancellationToken.None)).ForEach(told => output.WriteLine($"{told.Member} | {told.Text}"));
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

    /// <summary>
    /// A job in the middle of learning, all machines standing still so that it is not over meanwhile; one that was over too soon is repeated, longer.
    /// </summary>
    static async Task<(Caught Job, string Alone, JobRecord Stands)> CatchAsync(
        CommandLine line, string join, (string, string)[] token, JobStore jobs, Process[] machines)
    {
        for (var longer = 1; ; longer *= 4)
        {
            var estimator = $$"""{ "kind": "DnnRegressor", "hiddenUnits": [16], "epochs": {{200 * longer}}, "patience": {{200 * longer}}, "batchSize": 64 }""";
            var alone = await line.TrainAloneAsync(estimator, $"alone{longer}");
            var job = (await line.RunAsync($"train p.json --data trips.csv --out {Shared(longer)} --workers 1 --parameter-servers 2 {join} --detach", token))
                .Split('\n').First(text => text.StartsWith("fares-", StringComparison.Ordinal)).Trim();
            await TestCluster.UntilAsync("it learns", async () => await jobs.FindAsync(job, CancellationToken.None) is { } learning
                && (learning.IsOver || learning.Progress.StartsWith("epoch ", StringComparison.Ordinal)));
            Signal(machines, "STOP");
            if (await jobs.FindAsync(job, CancellationToken.None) is { IsOver: false } stands)
            {
                return (new Caught(job, longer), alone, stands);
            }

            Signal(machines, "CONT");
            Assert.True(longer < 16, "Each job, however long, was over before anything could happen to it.");
        }
    }

    sealed record Caught(string Id, int Longer);

    static string Shared(int longer) => $"shared{longer}";

    static void Signal(Process[] machines, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, .. machines.Select(machine => $"{machine.Id}")]);
        kill.WaitForExit();
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
