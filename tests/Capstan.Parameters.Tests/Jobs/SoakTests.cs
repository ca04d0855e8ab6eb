using System.Globalization;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters.Tests;

/// <summary>
/// Many small jobs whose members are killed at random, by SIGKILL, until there were as many kills as wanted: every job ends, synchronous ones
/// with the bits of one machine, others within two hundredths of its loss, and every shard has learned every batch once.
/// </summary>
/// <remarks>
/// A few kills on every run; <c>CAPSTAN_SOAK_KILLS=100 ./test Parameters</c> makes it a hundred, and says what happened in a table
/// (docs/guide/parameter-servers.md).
/// </remarks>
public sealed class SoakTests(ITestOutputHelper output)
{
    const int Rows = 8_000;
    const int Epochs = 6;
    const int BatchSize = 500;

    static readonly (string Name, Func<string, TrainingJob> Make)[] Kinds =
    [
        ("network, synchronous, a replica", folder => Network(folder) with { Replicas = 1 }),
        ("network, asynchronous, a replica", folder => Network(folder) with { Replicas = 1, Consistency = Consistency.Asynchronous }),
        ("linear, synchronous, a replica", folder => Linear(folder) with { Replicas = 1 }),
        ("network, synchronous, checkpoints", Network),
        ("linear, asynchronous, a replica", folder => Linear(folder) with { Replicas = 1, Consistency = Consistency.Asynchronous }),
        ("network, bounded, checkpoints", folder => Network(folder) with { Consistency = Consistency.Bounded, MaxDelay = 3 }),
    ];

    [Fact]
    public void Whoever_is_killed_every_job_ends_and_every_batch_is_learned_once()
    {
        var wanted = int.Parse(Environment.GetEnvironmentVariable("CAPSTAN_SOAK_KILLS") ?? "6", CultureInfo.InvariantCulture);
        var random = new SeededRandom(ulong.Parse(Environment.GetEnvironmentVariable("CAPSTAN_SOAK_SEED") ?? "11", CultureInfo.InvariantCulture));
        var kills = new int[3];
        output.WriteLine("| job | killed | model | loss / one machine's | batches of each shard |");
        output.WriteLine("|---|---|---|---|---|");
        for (var number = 0; kills.Sum() < wanted; number++)
        {
            Run(Kinds[number % Kinds.Length], Math.Min(wanted < 50 ? 2 : 6, wanted - kills.Sum()), random, kills);
        }

        output.WriteLine($"{kills.Sum()} kills: {kills[0]} parameter servers, {kills[1]} workers, {kills[2]} coordinators.");
        Assert.Equal(wanted, kills.Sum());
    }

    void Run((string Name, Func<string, TrainingJob> Make) kind, int most, SeededRandom random, int[] kills)
    {
        using var members = new MemberProcesses();
        var job = kind.Make(members.Checkpoints);
        var killed = new List<Victim>();
        var next = 2_000L;
        var found = members.Run(job, 3, 2, rows =>
        {
            if (rows >= next && killed.Count < most && rows < (Epochs - 1) * Rows)
            {
                next = rows + 3_000 + random.NextInt32(4_000);
                killed.Add(members.KillAny(random));
            }
        });

        killed.ForEach(victim => kills[(int)victim]++);
        var alone = MemberProcesses.Alone(job);
        var ratio = FaultTests.LossOf(found) / FaultTests.LossOf(alone);
        var batches = job.BatchesPerEpoch * Epochs;
        var isSame = found.AsSpan().SequenceEqual(alone);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind.Name} | {string.Join(", ", killed)} | {(isSame ? "the same bits" : "other bits")} | {ratio:0.0000} | {string.Join(", ", members.Ledgers)} |"));
        Assert.True(isSame || job.Consistency != Consistency.Synchronous, $"{kind.Name}: other bits after {string.Join(", ", killed)}");
        Assert.InRange(ratio, 0.98, 1.02);
        Assert.Equal(Enumerable.Repeat($"{batches} {batches}", job.Shards), members.Ledgers);
    }

    static TrainingJob Network(string folder) => Job(
        new LearnerDefinition.Network(
            new DnnOptions { HiddenUnits = [16], LearningRate = 0.003, Wide = new WideOptions { Categories = ["a"] } }, LabelScaling.Identity), folder);

    static TrainingJob Linear(string folder)
    {
        using var rows = ExampleRows.Make(Rows, 1);
        var target = new FtrlLearner(new Loss.Logistic(), rows.Layout, rows.Labels, new LinearOptions()).Target;
        return Job(new LearnerDefinition.Linear(new LinearOptions(), target.Center, target.Scale), folder);
    }

    static TrainingJob Job(LearnerDefinition learner, string folder) => new(
        $"job-{Guid.NewGuid():N}", new Loss.Logistic(), ExampleRows.Layout, learner,
        new TrainingOptions { Epochs = Epochs, BatchSize = learner is LearnerDefinition.Linear ? BatchSize / 10 : BatchSize, Patience = null }, Rows)
    {
        Shards = 2, CheckpointFolder = folder, CheckpointEvery = 10,
    };
}
