using System.Globalization;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Benchmarks;

/// <summary>
/// Boosted trees on one thread: growing them from stored features against LightGBM called directly on a matrix in memory, binning
/// included; from a CSV file to a model against ML.NET's LightGBM; and predicting against LightGBM's own prediction.
/// </summary>
static class TreesBenchmark
{
    const int Pairs = 5;

    static int Rows => int.Parse(
        Environment.GetEnvironmentVariable("CAPSTAN_TREES_ROWS") ?? "400000", CultureInfo.InvariantCulture);

    public static BenchmarkReport Run()
    {
        var file = Repository.FindBeside(Path.Combine("shared", "data", "flights-3m.parquet"))
            ?? Path.Combine(Repository.Root(), "samples", "flights", "flights.parquet");
        var flights = Dataset.Read(file).OpenAsync().GetAwaiter().GetResult();
        using var peer = PeerProcess.MlNet();
        BenchmarkRow[] rows =
        [
            .. AgainstLightGbm(TreesTask.Numbers(Math.Min(Rows, 200_000), 28)), .. AgainstLightGbm(TreesTask.Flights(flights, Rows)),
            AgainstMlNet(flights, peer),
        ];
        return new BenchmarkReport(
            "trees",
            [
                .. MachineFacts.All(), ("LightGBM", "4.7.0, its C API in this process"),
                ("ML.NET", $"{peer.Ask("version")}, LightGbm"),
                ("trees", $"{TreesTask.Trees} of {TreesTask.Options.Leaves} leaves, rate {TreesTask.Options.LearningRate}"),
                ("data", $"normal numbers; {Path.GetFileName(file)}"),
            ],
            rows);
    }

    static IEnumerable<BenchmarkRow> AgainstLightGbm(TreesTask task)
    {
        using (task)
        using (var peer = new LightGbmPeer(task.LightGbmParameters))
        {
            // A discarded pass of each compiles what the first pair would pay for.
            var model = task.Train();
            peer.Train(task.Matrix, task.Labels, TreesTask.Trees);
            var pairs = Enumerable.Range(0, Pairs).Select(_ => new RatePair(
                task.RowCount * TreesTask.Trees / Seconds(() => model = task.Train()),
                task.RowCount * TreesTask.Trees / Seconds(() => peer.Train(task.Matrix, task.Labels, TreesTask.Trees)))).ToArray();
            yield return new BenchmarkRow(
                $"bin and grow, {task.Name}", "row-trees/s", "LightGBM", pairs, 1 / 1.05, CompareScores(task, model, peer));
            yield return Predicting(task, model, peer);
            yield return OneRow(task, model, peer);
        }
    }

    /// <summary>Both sides come to the same scores to the bit, or nothing is shown.</summary>
    static string CompareScores(TreesTask task, BoostedTreesPredictor model, LightGbmPeer peer)
    {
        var (ours, theirs) = (new float[task.TestFeatures.RowCount], new double[task.TestFeatures.RowCount]);
        model.Predict(task.TestFeatures, ours, model.CreateWorkspace());
        peer.Predict(task.TestMatrix, theirs);
        float[] narrowed = [.. theirs.Select(score => (float)score)];
        var equal = ours.Zip(narrowed).Count(pair => pair.First == pair.Second);
        var (auc, theirAuc) = (task.Auc(ours), task.Auc(narrowed));
        var found = FormattableString.Invariant(
            $"{equal:N0} of {ours.Length:N0} scores equal to the bit; AUC {auc:0.0000}, peer {theirAuc:0.0000}");
        return equal == ours.Length
            ? found
            : throw new InvalidOperationException($"The models of {task.Name} should be the same: {found}. Nothing is shown.");
    }

    static BenchmarkRow Predicting(TreesTask task, BoostedTreesPredictor model, LightGbmPeer peer)
    {
        var (ours, theirs) = (new float[task.TestFeatures.RowCount], new double[task.TestFeatures.RowCount]);
        var workspace = model.CreateWorkspace();
        return new BenchmarkRow(
            $"predict {ours.Length:N0} rows, {task.Layout.Numerics.Length} numbers, {task.Layout.Categories.Length} categories", "rows/s",
            "LightGBM", RatesOf(ours.Length, () => model.Predict(task.TestFeatures, ours, workspace), () => peer.Predict(task.TestMatrix, theirs)),
            1, "");
    }

    static BenchmarkRow OneRow(TreesTask task, BoostedTreesPredictor model, LightGbmPeer peer)
    {
        const int Rounds = 100_000;
        var (score, workspace, width) = (new float[1], model.CreateWorkspace(), task.TestMatrix.Length / task.TestFeatures.RowCount);
        FeatureBuffer[] rows = [.. Enumerable.Range(0, 256).Select(task.TestRow)];
        Ours();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        Ours();
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        return new BenchmarkRow(
            "predict one row", "rows/s", "LightGBM, single row fast", RatesOf(Rounds, Ours, Theirs), 1,
            FormattableString.Invariant($"{bytes / Rounds} bytes a row"));

        void Ours()
        {
            for (var round = 0; round < Rounds; round++)
            {
                model.Predict(rows[round % rows.Length], score, workspace);
            }
        }

        void Theirs()
        {
            for (var round = 0; round < Rounds; round++)
            {
                peer.Predict(task.TestMatrix.AsSpan(round % rows.Length * width, width));
            }
        }
    }

    static BenchmarkRow AgainstMlNet(IBatchSource flights, PeerProcess peer)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-trees-").FullName;
        try
        {
            var (train, test) = (Path.Combine(folder, "train.csv"), Path.Combine(folder, "june.csv"));
            var count = Write("month(date) < 6", train, Rows);
            Write("month(date) == 6", test, 50_000);
            var model = Train();
            var theirs = peer.AskNumbers(FormattableString.Invariant(
                $"trees-train {TreesTask.Trees} {TreesTask.Options.Leaves} {TreesTask.Options.LearningRate} {train} {test}"));
            var auc = model.EvaluateAsync(Dataset.Read(test), default).GetAwaiter().GetResult()["auc"];
            RatePair[] pairs = [.. Enumerable.Range(0, Pairs).Select(_ => new RatePair(
                count / Seconds(() => Train()),
                count / peer.AskNumbers(FormattableString.Invariant(
                    $"trees-train {TreesTask.Trees} {TreesTask.Options.Leaves} {TreesTask.Options.LearningRate} {train} {test}"))[0]))];
            return new BenchmarkRow(
                $"from CSV to a model, {count:N0} flights", "rows/s", "ML.NET LightGbm", pairs, 1,
                FormattableString.Invariant($"AUC on June {auc:0.0000}, peer {theirs[1]:0.0000}; ours analyses, checks and stores too"));

            TrainedModel Train() => new PipelineTraining(
                new Pipeline
                {
                    Label = "delay > 15",
                    Features = TreesTask.FlightFeatures.ToDictionary(feature => feature.Name, feature => feature.Text),
                    Validation = new ValidationDefinition { Share = 0 },
                    Estimator = new EstimatorDefinition
                    {
                        Kind = EstimatorKind.BoostedTreesClassifier, Trees = TreesTask.Trees, Leaves = TreesTask.Options.Leaves,
                    },
                },
                TimeProvider.System, null) { Threads = 1 }.RunAsync(Dataset.Read(train), default).GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        long Write(string condition, string path, int most) => FlightsCsv.WriteAsync(
            new FilteredSource(flights, ExprParser.Parse(condition)), path, most).GetAwaiter().GetResult();
    }

    static RatePair[] RatesOf(int count, Action ours, Action theirs)
    {
        ours();
        theirs();
        return [.. Enumerable.Range(0, Pairs + 2).Select(_ => new RatePair(count / Seconds(ours), count / Seconds(theirs)))];
    }

    /// <summary>Of CPU time, of all threads of the process.</summary>
    static double Seconds(Action work)
    {
        var start = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }
}
