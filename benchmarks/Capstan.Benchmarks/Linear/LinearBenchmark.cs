using Capstan.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// One pass from a file to a trained linear model: reading, transforming and learning together, in rows per second of CPU time. With
/// the flights pipeline, against the floor promised, 1 million from Parquet, and ML.NET from its formats.
/// </summary>
static class LinearBenchmark
{
    const int Pairs = 5;
    const int PeerPairs = 3;
    const double Floor = 1e6;

    // Above guessing by so much that neither side can have learned from scrambled rows.
    const double LowestAuc = 0.6;

    public static BenchmarkReport Run()
    {
        var file = Repository.FindBeside(Path.Combine("shared", "data", "flights-3m.parquet"))
            ?? Path.Combine(Repository.Root(), "samples", "flights", "flights.parquet");
        var folder = Directory.CreateTempSubdirectory("capstan-linear-").FullName;
        try
        {
            var csv = Path.Combine(folder, "flights.csv");
            var source = Open(file);
            var rowCount = FlightsCsv.WriteAsync(source, csv).GetAwaiter().GetResult();
            var (parquet, text) = (LinearTask.Fit(source, Flights), LinearTask.Fit(Open(csv), Flights));
            using var peer = PeerProcess.MlNet();
            var quality = CompareQuality(rowCount, csv, parquet, text, peer);
            BenchmarkRow[] rows =
            [
                AgainstFloor("Parquet: read, transform and learn", parquet.Learn, 1),
                AgainstFloor("Parquet: read and transform only", parquet.Transform, 0),
                AgainstFloor("Parquet: read only", parquet.Read, 0),
                AgainstPeer("CSV, both: read, transform and learn", text.Learn, "ML.NET TextLoader", "csv"),
                AgainstPeer("Parquet, theirs CSV: the same", parquet.Learn, "ML.NET TextLoader", "csv"),
                AgainstPeer("Parquet, theirs .idv: the same", parquet.Learn, "ML.NET binary", "idv"),
            ];
            return new BenchmarkReport(
                "linear",
                [
                    .. MachineFacts.All(),
                    ("ML.NET", $"{peer.Ask("version")}, AveragedPerceptron, 1 iteration"),
                    ("data", FormattableString.Invariant(
                        $"{Path.GetFileName(file)}, {rowCount:N0} rows, {parquet.FeatureCount} features")),
                ],
                rows);

            BenchmarkRow AgainstPeer(string subject, Func<double> ours, string name, string format)
            {
                // A discarded pass of each compiles what the first pair would pay for.
                ours();
                peer.AskNumbers($"linear-pass {format}");
                var pairs = Enumerable.Range(0, PeerPairs)
                    .Select(_ => new RatePair(ours(), rowCount / peer.AskNumbers($"linear-pass {format}")[0]));
                return new BenchmarkRow(subject, "rows/s", name, [.. pairs], 0, quality);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static Pipeline Flights => Pipeline.Parse(
        File.ReadAllText(Path.Combine(Repository.Root(), "samples", "flights", "pipeline.json")));

    static double QualityOf(LinearTask task) => task.Quality("month(date) < 6", "month(date) == 6");

    static IBatchSource Open(string path) => Dataset.Read(path).OpenAsync().GetAwaiter().GetResult();

    static BenchmarkRow AgainstFloor(string subject, Func<double> ours, double target)
    {
        ours();
        var pairs = Enumerable.Range(0, Pairs).Select(_ => new RatePair(ours(), Floor));
        return new BenchmarkRow(subject, "rows/s", "floor", [.. pairs], target, "");
    }

    /// <summary>Both sides read all rows and learn something from them, or nothing is timed. It warms the peer as well.</summary>
    static string CompareQuality(long rowCount, string csv, LinearTask parquet, LinearTask text, PeerProcess peer)
    {
        var theirRows = (long)peer.AskNumbers($"linear-load {csv}")[0];
        var (ours, ofText, theirs) = (QualityOf(parquet), QualityOf(text), peer.AskNumbers("linear-quality")[0]);
        // The two files come in other parts, whose sketches have other quantiles within the same bound.
        if (theirRows != rowCount || Math.Min(ours, theirs) < LowestAuc || Math.Abs(ours - ofText) > 2e-4)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The file has {rowCount} rows, the peer read {theirRows}; AUC on June: ours {ours} from Parquet, {ofText} ") +
                FormattableString.Invariant($"from CSV, the peer's {theirs}, expected {LowestAuc} or more. Nothing was timed."));
        }

        return FormattableString.Invariant($"AUC Jan-May → June after one pass: {ours:0.000}, peer {theirs:0.000}");
    }
}
