using System.Collections.Immutable;
using System.Diagnostics;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>
/// How long a training stands still when the parameter server that leads it is killed: from the kill to the next batch learned, at default settings, with one
/// replica of each shard. Afterwards every shard has learned every batch once, and the model has the bits of one process.
/// </summary>
static class FailoverTime
{
    const double WantedSeconds = 3;
    const int Kills = 5;
    const int Epochs = 40;

    public static BenchmarkRow Measure()
    {
        using var rows = TrainingCost.Rows(20_000);
        var options = new TrainingOptions { Epochs = Epochs, BatchSize = 1_000, Patience = null };
        var network = new DnnOptions { HiddenUnits = [64] };
        var peers = Enumerable.Range(0, Kills + 2).Select(_ => new ParameterPeer()).ToList();
        try
        {
            var job = new TrainingJob(
                "failover", new Loss.Logistic(), rows.Layout, new LearnerDefinition.Network(network, LabelScaling.Identity), options, rows.RowCount)
            {
                Shards = 2, Replicas = 1,
            };
            var channel = new ChannelOptions(ParameterMember.Options.Token);
            using var training = new DistributedTraining(job, new Servers(peers), channel, null, TimeProvider.System, _ => { });
            var stills = new List<double>();
            var (killed, next) = (0L, 40_000L);
            var progress = new Reports(rowsDone =>
            {
                if (killed != 0)
                {
                    stills.Add(Stopwatch.GetElapsedTime(killed).TotalSeconds);
                    killed = 0;
                    next = rowsDone + 100_000;
                }
                else if (rowsDone >= next && stills.Count < Kills)
                {
                    var leader = training.Director.Map.Shards[0].Primary;
                    peers.Single(peer => peer.Address == leader).Kill();
                    killed = Stopwatch.GetTimestamp();
                }
            });
            var worker = TrainingWorker.RunAsync(job, rows, training.Map, channel, 1, "worker", TimeProvider.System, CancellationToken.None);
            var result = training.RunAsync(null, progress, CancellationToken.None).GetAwaiter().GetResult();
            worker.GetAwaiter().GetResult();
            var isSame = ((DnnPredictor)result.Predictor).Parameters.AsSpan().SequenceEqual(TrainingCost.Alone(rows, network, options).Predictor.Parameters.AsSpan());
            var isWhole = training.Ledgers.All(ledger => ledger is { } counted && counted.Taken == job.BatchesPerEpoch * Epochs && counted.Version == counted.Taken);
            return new BenchmarkRow(
                $"a shard's server killed, {stills.Count} times", "failovers/s", "one in 3 s", [.. stills.Select(seconds => new RatePair(1 / seconds, 1 / WantedSeconds))], 1,
                $"{(isSame ? "same bits" : "OTHER BITS")}, {(isWhole ? "every batch once" : "BATCHES LOST OR TWICE")}");
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    sealed class Servers(IReadOnlyList<ParameterPeer> peers) : IServerPool
    {
        public ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(peers.Select(peer => peer.Address).ToImmutableArray());
    }

    sealed class Reports(Action<long> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value.RowsDone);
    }
}
