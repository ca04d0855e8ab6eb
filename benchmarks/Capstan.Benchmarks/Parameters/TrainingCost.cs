using System.Collections.Immutable;
using System.Diagnostics;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>
/// A training with a parameter server in another process, against the same training in one process: same bits, other costs.
/// </summary>
static class TrainingCost
{
    const int RowCount = 200_000;
    const int LargeRowCount = 50_000;
    const int Rounds = 5;
    const int Epochs = 4;

    public static IEnumerable<BenchmarkRow> Measure() =>
    [
        .. Measure("30-128-64-1", [128, 64], RowCount, 0),

        // 6 multiplications a row for each of its 156,000 parameters: what is computed outweighs what travels.
        .. Measure("30-512-256-1, where computing outweighs", [512, 256], LargeRowCount, 2 * 0.75),
    ];

    static IEnumerable<BenchmarkRow> Measure(string name, ImmutableArray<int> hidden, int rowCount, double speedOfTwo)
    {
        using var rows = Rows(rowCount);
        using var peer = new ParameterPeer();
        var options = new TrainingOptions { Epochs = Epochs, BatchSize = 2_048, Patience = null };
        var network = new DnnOptions { HiddenUnits = hidden };
        var (cpu, clock) = (new List<RatePair>(), new List<RatePair>());
        var isSame = true;
        for (var round = 0; round <= Rounds; round++)
        {
            var alone = Alone(rows, network, options);
            var one = Together(peer, rows, network, options, 1, $"one-{round}");
            var two = Together(peer, rows, network, options, 2, $"two-{round}");
            isSame &= one.Predictor.Parameters.AsSpan().SequenceEqual(alone.Predictor.Parameters.AsSpan())
                && two.Predictor.Parameters.AsSpan().SequenceEqual(alone.Predictor.Parameters.AsSpan());
            if (round > 0) // the first compiles
            {
                cpu.Add(new RatePair(Epochs * rowCount / one.Cpu, Epochs * rowCount / alone.Cpu));
                clock.Add(new RatePair(Epochs * rowCount / two.Seconds, Epochs * rowCount / alone.Seconds));
            }
        }

        var note = isSame ? "same bits" : "OTHER BITS";
        yield return new BenchmarkRow($"train {name}, batch 2,048: 1 worker, 1 server", "rows/s of CPU", "one process", cpu, 1 / 1.15, note);
        yield return new BenchmarkRow("the same: 2 workers, 1 server", "rows/s", "one process", clock, speedOfTwo, $"{note}; {Environment.ProcessorCount} cores for all three");
    }

    public static (DnnPredictor Predictor, double Cpu, double Seconds) Alone(FeatureStore rows, DnnOptions network, TrainingOptions options)
    {
        var (cpu, clock) = (Cpu(), Stopwatch.GetTimestamp());
        using var learner = new DnnLearner(new Loss.Logistic(), rows.Layout, network, LabelScaling.Identity);
        var result = new TrainingLoop(TimeProvider.System).Run(learner, rows, null, options, null, CancellationToken.None);
        return ((DnnPredictor)result.Predictor, Cpu() - cpu, Stopwatch.GetElapsedTime(clock).TotalSeconds);
    }

    static (DnnPredictor Predictor, double Cpu, double Seconds) Together(
        ParameterPeer peer, FeatureStore rows, DnnOptions network, TrainingOptions options, int workers, string id)
    {
        var job = new TrainingJob(id, new Loss.Logistic(), rows.Layout, new LearnerDefinition.Network(network, LabelScaling.Identity), options, rows.RowCount);
        var (cpu, clock) = (Cpu() + peer.CpuSeconds(), Stopwatch.GetTimestamp());
        using var training = new DistributedTraining(job, new OneServer(peer.Address), ParameterMember.Options, null, TimeProvider.System, _ => { });
        var running = Enumerable.Range(0, workers).Select(index => TrainingWorker.RunAsync(
            job, rows, training.Map, ParameterMember.Options, 1, $"worker {index}", TimeProvider.System, CancellationToken.None)).ToArray();
        var result = training.RunAsync(null, null, CancellationToken.None).GetAwaiter().GetResult();
        Task.WhenAll(running).GetAwaiter().GetResult();
        return ((DnnPredictor)result.Predictor, Cpu() + peer.CpuSeconds() - cpu, Stopwatch.GetElapsedTime(clock).TotalSeconds);
    }

    static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    public static FeatureStore Rows(int count = RowCount)
    {
        var layout = new FeatureLayout(
        [
            .. Enumerable.Range(0, 30).Select(index => FeatureSpec.Numeric($"x{index}")), FeatureSpec.Category("a", 300), FeatureSpec.Category("b", 20),
        ]);
        var random = new SeededRandom(1);
        using var writer = new FeatureStoreWriter(layout, FeatureStoreOptions.Default);
        var batch = new TrainingBatch(layout);
        batch.Resize(count);
        for (var row = 0; row < count; row++)
        {
            for (var feature = 0; feature < 30; feature++)
            {
                batch.Features.Numeric(feature)[row] = (float)random.NextNormal();
            }

            batch.Features.Category(0)[row] = random.NextInt32(300);
            batch.Features.Category(1)[row] = random.NextInt32(20);
            batch.Labels[row] = random.NextInt32(2);
            batch.Weights[row] = 1;
        }

        writer.Append(batch);
        return writer.Finish();
    }

    sealed class OneServer(ServerAddress address) : IServerPool
    {
        public ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken) => ValueTask.FromResult(ImmutableArray.Create(address));
    }
}
