using Capstan.Models;

namespace Capstan.Benchmarks;

/// <summary>
/// One raw row at a time through a whole model, 20 features and the predictor: against the time promised, and against ONNX Runtime on
/// the same model, exported.
/// </summary>
static class InferenceBenchmark
{
    const int Pairs = 7;
    const int Rounds = 40_000;
    const int TheirRounds = 4_000;

    // Networks and trees add in another order there.
    const float Tolerance = 1e-5f;

    static readonly (string Name, EstimatorDefinition Estimator, double Microseconds)[] Cases =
    [
        ("linear", new() { Kind = EstimatorKind.LinearClassifier, Epochs = 2 }, 3),
        ("network 64-32", new() { Kind = EstimatorKind.DnnClassifier, HiddenUnits = [64, 32], Epochs = 2 }, 6),
        ("200 trees of 31 leaves", new() { Kind = EstimatorKind.BoostedTreesClassifier, Trees = 200, Leaves = 31 }, 10),
    ];

    public static BenchmarkReport Run() => new(
        "inference",
        [
            .. MachineFacts.All(), ("ONNX Runtime", typeof(Microsoft.ML.OnnxRuntime.InferenceSession).Assembly.GetName().Version?.ToString(3) ?? "unknown"),
            ("model", $"{InferenceTask.FeatureCount} features of 11 raw columns, one row at a time"),
        ],
        [.. Cases.SelectMany(Measure)]);

    static IEnumerable<BenchmarkRow> Measure((string Name, EstimatorDefinition Estimator, double Microseconds) each)
    {
        var artifact = InferenceTask.Train(each.Estimator);
        var rows = InferenceTask.SingleRows(artifact.Transform.Input);
        using var peer = new OnnxPeer(OnnxModelExport.Export(artifact), rows);
        var (scorer, prediction) = (new ModelScorer(artifact.Transform, artifact.Predictor), new float[1]);
        var furthest = Enumerable.Range(0, rows.Length).Max(row =>
        {
            scorer.Score(rows[row], prediction);
            return Math.Abs(prediction[0] - peer.Run(row));
        });
        if (!(furthest <= Tolerance))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"A probability of {each.Name} differs by {furthest} from ONNX Runtime's; nothing is shown."));
        }

        Ours();
        Theirs();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        Ours();
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        var pairs = Enumerable.Range(0, Pairs).Select(_ => new RatePair(Rounds / Seconds(Ours), TheirRounds / Seconds(Theirs))).ToArray();
        var ours = BenchmarkRow.Median(pairs.Select(pair => 1e6 / pair.Ours));
        yield return new BenchmarkRow(
            each.Name, "rows/s", FormattableString.Invariant($"{each.Microseconds} µs"),
            [.. pairs.Select(pair => pair with { Theirs = 1e6 / each.Microseconds })], 1,
            FormattableString.Invariant($"{ours:0.00} µs, {bytes / Rounds} bytes a row"));
        yield return new BenchmarkRow(
            each.Name, "rows/s", "ONNX Runtime", pairs, 3, FormattableString.Invariant($"probabilities within {furthest:0.0e0}"));

        void Ours()
        {
            for (var round = 0; round < Rounds; round++)
            {
                scorer.Score(rows[round % rows.Length], prediction);
            }
        }

        void Theirs()
        {
            for (var round = 0; round < TheirRounds; round++)
            {
                peer.Run(round % rows.Length);
            }
        }
    }

    /// <summary>Of CPU time, of all threads of the process.</summary>
    static double Seconds(Action work)
    {
        var start = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }
}
