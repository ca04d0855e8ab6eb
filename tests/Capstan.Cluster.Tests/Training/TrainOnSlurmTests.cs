namespace Capstan.Cluster.Tests;

/// <summary>On machines that Slurm switches on when they are wanted, and off again.</summary>
[Collection(nameof(SlurmCluster))]
public sealed class TrainOnSlurmTests
{
    static readonly string[] Elastic = ["cloud1", "cloud2", "cloud3", "cloud4"];

    [Fact]
    public async Task From_no_node_to_four_and_back_to_the_model_of_one_machine()
    {
        var slurm = SlurmCluster.Shared;
        using var line = new CommandLine();
        var alone = await line.TrainAloneAsync("""{ "kind": "DnnRegressor", "hiddenUnits": [16], "epochs": 8, "patience": 8, "batchSize": 128 }""");
        await TestCluster.UntilAsync("all elastic nodes are off", () => Elastic.All(node => StateOf(slurm, node) != "resume"));
        var before = slurm.Power.Length;

        // A member with all of a node's processors has it to itself.
        var said = await line.RunAsync(
            "train p.json --data trips.csv --out shared --workers 2 --parameter-servers 2 --pool slurm:elastic --processors 8 --address 127.0.0.1",
            [("SLURM_CONF", slurm.Configuration)]);

        Assert.Equal(alone, CommandLine.HashIn(said));
        Assert.Equal(Elastic.Select(node => $"resume {node}"), slurm.Power[before..].Where(text => text.StartsWith("resume", StringComparison.Ordinal)).Order());
        await TestCluster.UntilAsync("all elastic nodes are off again", () => Elastic.All(node => StateOf(slurm, node) == "suspend"));
    }

    /// <summary>What was last done to a node: resume or suspend; empty if nothing was.</summary>
    static string StateOf(SlurmCluster slurm, string node) => slurm.Power.LastOrDefault(text => text.EndsWith($" {node}", StringComparison.Ordinal))?.Split(' ')[0] ?? "";
}
