using System.Globalization;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>
/// Analysis and transform of forty mixed columns from Parquet and from CSV, with as many threads as DuckDB has for the equivalent
/// SQL; and what the promises say of concluding again, of single rows and of many features.
/// </summary>
static class AnalysisBenchmark
{
    /// <summary>Long runs need no repeating.</summary>
    static readonly int Pairs = AnalysisData.Rows >= 5_000_000 ? 1 : 3;

    /// <summary>pandas holds all rows in memory, and would take more than a machine has.</summary>
    static readonly long PandasRows = Math.Min(AnalysisData.Rows, 1_000_000);

    public static BenchmarkReport Run()
    {
        var threads = int.Parse(Environment.GetEnvironmentVariable("CAPSTAN_ANALYSIS_THREADS") ?? $"{Environment.ProcessorCount}", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("capstan-analysis-").FullName;
        try
        {
            var (parquet, csv) = AnalysisData.Files();
            using var duck = new DuckDbPeer(parquet, threads);
            var rows = new List<BenchmarkRow>();
            foreach (var (path, name, target) in ((string, string, double)[])[(parquet, "Parquet", 1), (csv, "CSV", 3)])
            {
                rows.AddRange(AgainstDuckDb(path, name, target, threads));
            }

            using var machineLearning = PeerProcess.MlNet();
            rows.Add(AgainstMlNet(csv, threads, machineLearning));
            using var pandas = PeerProcess.Pandas();
            rows.AddRange(pandas is null ? [] : [AgainstPandas(csv, threads, pandas)]);
            rows.Add(CsvReading(csv));
            rows.Add(Concluding(parquet, threads, Path.Combine(folder, "kept")));
            rows.Add(OneRow(parquet, threads));
            rows.Add(ManyFeatures(parquet));
            return new BenchmarkReport(
                "analysis",
                [
                    .. MachineFacts.All(),
                    ("DuckDB", duck.Version()),
                    ("ML.NET", machineLearning.Ask("version")),
                    ("pandas", pandas?.Ask("version") ?? "left out: apt-get install python3-pandas python3-sklearn"),
                    ("threads", $"{threads} on both sides"),
                    ("data", FormattableString.Invariant($"{AnalysisData.Rows:N0} rows, 40 columns: Parquet {Megabytes(parquet)}, CSV {Megabytes(csv)}")),
                ],
                rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static IEnumerable<BenchmarkRow> AgainstDuckDb(string path, string name, double target, int threads)
    {
        var task = new AnalysisTask(path, threads);
        using var peer = new DuckDbPeer(path, threads);
        var source = task.Open();
        var transform = task.Fit(source);
        peer.Open();
        CheckMeans(transform, peer.Analyse());
        CheckSums(task.Sums(source, transform), peer.Sums(transform));
        RatePair[] whole = [.. Enumerable.Range(0, Pairs).Select(_ => new RatePair(Rate(() => Whole(task)), Rate(TheirsWhole)))];
        RatePair[] analysis = [.. Enumerable.Range(0, Pairs).Select(_ => new RatePair(Rate(() => task.Fit(task.Open())), Rate(TheirsAnalysis)))];
        return
        [
            new BenchmarkRow($"{name}: open, analyse and transform", "rows/s", "DuckDB", whole, target, "means and sums of all features agree"),
            new BenchmarkRow($"{name}: open and analyse only", "rows/s", "DuckDB", analysis, 0, ""),
        ];

        void TheirsWhole()
        {
            peer.Open();
            peer.Analyse();
            peer.Sums(transform);
        }

        void TheirsAnalysis()
        {
            peer.Open();
            peer.Analyse();
        }
    }

    static BenchmarkRow AgainstMlNet(string csv, int threads, PeerProcess peer)
    {
        var task = new AnalysisTask(csv, threads);
        RatePair[] pairs = [.. Enumerable.Range(0, Pairs).Select(_ =>
        {
            var theirs = peer.AskNumbers($"analysis-pass {csv}");
            return new RatePair(Rate(() => CheckMeans(Whole(task), theirs[1..], digits: 4)), AnalysisData.Rows / theirs[0]);
        })];
        return new BenchmarkRow("CSV: open, analyse and transform", "rows/s", "ML.NET", pairs, 3, "means agree; keys in order of appearance there");
    }

    /// <summary>pandas sees the first rows only, as many as it can hold: so do we.</summary>
    static BenchmarkRow AgainstPandas(string csv, int threads, PeerProcess peer)
    {
        var first = PandasRows == AnalysisData.Rows ? csv : AnalysisData.FirstRows(csv, PandasRows);
        var task = new AnalysisTask(first, threads);
        Whole(task);
        RatePair[] pairs = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            var theirs = peer.AskNumbers($"analysis-pass {first} {PandasRows}");
            return new RatePair(PandasRows / Seconds(() => CheckMeans(Whole(task), theirs[1..])), PandasRows / theirs[0]);
        })];
        return new BenchmarkRow(
            "CSV: open, analyse and transform", "rows/s", "pandas, scikit-learn", pairs, 5,
            FormattableString.Invariant($"means agree; {PandasRows:N0} rows"));
    }

    static FrozenTransform Whole(AnalysisTask task)
    {
        var opened = task.Open();
        var transform = task.Fit(opened);
        task.Sums(opened, transform);
        return transform;
    }

    static BenchmarkRow CsvReading(string csv)
    {
        var bytes = new FileInfo(csv).Length;
        var source = new AnalysisTask(csv, 1).Open();
        RatePair[] pairs =
        [
            .. Enumerable.Range(0, Pairs).Select(_ => new RatePair(
                bytes / 1e3 / Seconds(() => ReadAllAsync(source).GetAwaiter().GetResult()), 0.8e6)),
        ];
        return new BenchmarkRow("CSV: read all columns, one thread", "kB/s", "0.8 GB/s", pairs, 0, "");
    }

    static async Task ReadAllAsync(IBatchSource source)
    {
        await foreach (var _ in source.ReadAllAsync([.. source.Schema.Names], CancellationToken.None))
        {
        }
    }

    static BenchmarkRow Concluding(string path, int threads, string folder)
    {
        var task = new AnalysisTask(path, threads);
        var source = task.Open();
        var kept = new AnalysisFolder(folder);
        task.Fit(source, kept);
        var rowsRead = 0;
        RatePair[] pairs = [.. ((int[])[10, 20, 50, 200, 500]).Select(buckets =>
        {
            var graph = new TransformGraph(source.Schema) { ["bucket"] = ExprParser.Parse($"bucketize(n3, {buckets})") };
            return new RatePair(
                1 / Seconds(() => graph.FitAsync(source, null, kept, count => rowsRead += count, CancellationToken.None).GetAwaiter().GetResult()), 20);
        })];
        return new BenchmarkRow("another number of buckets, from a kept analysis", "/s", "50 ms", pairs, 1, $"{rowsRead} rows read");
    }

    static BenchmarkRow OneRow(string path, int threads)
    {
        var task = new AnalysisTask(path, threads);
        var source = task.Open();
        var whole = task.Fit(source);
        var features = whole.Features.Where((_, index) => index % 2 == 0).ToArray();
        var transform = new FrozenTransform(source.Schema, [.. features]);
        var builder = new BatchBuilder(transform.Input);
        foreach (var column in builder.Columns)
        {
            switch (column.Type)
            {
                case DataType.Text:
                    column.Append("value-3");
                    break;
                case DataType.Int64:
                    column.Append(7L);
                    break;
                default:
                    column.Append(1.5);
                    break;
            }
        }

        const int Rounds = 300_000;
        var (buffer, workspace) = (new FeatureBuffer(transform.Output), transform.CreateWorkspace());
        Apply();
        var before = GC.GetAllocatedBytesForCurrentThread();
        RatePair[] pairs = [.. Enumerable.Range(0, 5).Select(_ => new RatePair(Rounds / Seconds(Apply), 1 / 3e-6))];
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (5.0 * Rounds);
        return new BenchmarkRow(
            $"one row through {features.Length} features", "rows/s", "3 µs", pairs, 1, FormattableString.Invariant($"{bytes:0} bytes a row"));

        void Apply()
        {
            for (var round = 0; round < Rounds; round++)
            {
                transform.Apply(builder.Batch, buffer, workspace);
            }
        }
    }

    /// <summary>1,000 means of different expressions in one pass, and a tenth of them one by one.</summary>
    static BenchmarkRow ManyFeatures(string path)
    {
        var memory = InMemory(path);
        string[] texts = [.. Enumerable.Range(0, 1000).Select(index => $"mean(x{index % 22} * {index + 2})")];
        Fit(texts[..10]);
        var pairs = Enumerable.Range(0, Pairs).Select(_ =>
        {
            var single = texts.Where((_, index) => index % 10 == 0).Sum(text => Seconds(() => Fit([text])));
            return new RatePair(1 / Seconds(() => Fit(texts)), 1 / (10 * single));
        });
        return new BenchmarkRow("1,000 features in one pass", "/s", "the sum of their single costs", [.. pairs], 1 / 1.2, "of 100,000 rows in memory");

        void Fit(string[] features)
        {
            var graph = new TransformGraph(memory.Schema) { Threads = 1 };
            foreach (var (text, index) in features.Select((text, index) => (text, index)))
            {
                graph[$"f{index}"] = ExprParser.Parse(text);
            }

            graph.FitAsync(memory, null, null, null, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    static MemorySource InMemory(string path)
    {
        var source = new AnalysisTask(path, 1).Open();
        var batches = new List<ColumnBatch>();
        foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], CancellationToken.None).ToBlockingEnumerable().Take(13))
        {
            var copy = new BatchBuilder(source.Schema);
            copy.AppendRows(batch, [.. Enumerable.Range(0, batch.RowCount)]);
            batches.Add(copy.Batch);
        }

        return new MemorySource(source.Schema, batches);
    }

    static double Rate(Action work) => AnalysisData.Rows / Seconds(work);

    /// <summary>Of CPU time, of all threads of the process.</summary>
    static double Seconds(Action work)
    {
        var start = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <summary>z_score(x) became (x − mean) / deviation.</summary>
    static void CheckMeans(FrozenTransform transform, double[] theirs, int digits = 9)
    {
        for (var index = 0; index < theirs.Length; index++)
        {
            var numbers = NumbersOf(transform.Features[index].Expr).ToArray();
            if (!numbers.Any(ours => Math.Abs(ours - theirs[index]) <= Math.Pow(10, -digits) * Math.Abs(ours)))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"The peer's mean of {AnalysisData.Numbers[index]} is {theirs[index]}; ours is {transform.Features[index].Expr}. Nothing was timed."));
            }
        }
    }

    static IEnumerable<double> NumbersOf(Expr expr) =>
        expr is NumberExpr number ? [number.Value] : ExprChildren.Of(expr).SelectMany(NumbersOf);

    static void CheckSums(double[] ours, double[] theirs)
    {
        for (var index = 0; index < ours.Length; index++)
        {
            // Ours are rounded to single precision one by one.
            if (Math.Abs(ours[index] - theirs[index]) > 1e-4 * AnalysisData.Rows)
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Feature {index} adds up to {ours[index]}, DuckDB's to {theirs[index]}. Nothing was timed."));
            }
        }
    }

    static string Megabytes(string path) => FormattableString.Invariant($"{new FileInfo(path).Length / 1e6:N0} MB");
}
