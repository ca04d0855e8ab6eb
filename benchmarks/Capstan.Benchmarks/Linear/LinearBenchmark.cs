using System.Diagnostics;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Benchmarks;

/// <summary>
/// One pass from Parquet to a trained linear model with the flights pipeline (date parts, vocabularies, crosses): reading,
/// transforming and learning together, in rows per second of CPU time. The peer is the floor promised, 1 million.
/// </summary>
static class LinearBenchmark
{
    const int Runs = 5;

    public static BenchmarkReport Run()
    {
        var root = Repository.Root();
        var file = new[] { Path.Combine(root, "..", "shared", "data", "flights-3m.parquet"), Path.Combine(root, "samples", "flights", "flights.parquet") }
            .First(File.Exists);
        var pipeline = Pipeline.Parse(File.ReadAllText(Path.Combine(root, "samples", "flights", "pipeline.json")));
        var source = Dataset.Read(file).OpenAsync().GetAwaiter().GetResult();
        var graph = new TransformGraph(source.Schema);
        foreach (var (name, text) in pipeline.Features)
        {
            graph[name] = ExprParser.Parse(text);
        }

        var transform = graph.FitAsync(source, null, null, default).GetAwaiter().GetResult();
        var label = ExprParser.Parse(pipeline.Label);
        Pass(source, transform, label, learn: true);
        var rates = Enumerable.Range(0, Runs).Select(_ => (
            Whole: Pass(source, transform, label, learn: true), Read: Pass(source, transform, null, learn: false), Prepared: Pass(source, transform, label, learn: false))).ToArray();
        BenchmarkRow Row(string subject, Func<(double Whole, double Read, double Prepared), double> side, double target) =>
            new(subject, "rows/s", "floor", [.. rates.Select(rate => new RatePair(side(rate), 1e6))], target, "");
        return new BenchmarkReport(
            "linear",
            [.. MachineFacts.All(), ("data", $"{Path.GetFileName(file)}, {source.RowCount():N0} rows, {transform.Features.Length} features")],
            [
                Row("read, transform and learn", rate => rate.Whole, 1),
                Row("read and transform only", rate => rate.Prepared, 0),
                Row("read only", rate => rate.Read, 0),
            ]);
    }

    /// <returns>Rows per second of CPU time.</returns>
    static double Pass(IBatchSource source, FrozenTransform transform, Expr? label, bool learn)
    {
        var start = Process.GetCurrentProcess().TotalProcessorTime;
        var rows = PassAsync(source, transform, label, learn).GetAwaiter().GetResult();
        return rows / (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds;
    }

    static async Task<long> PassAsync(IBatchSource source, FrozenTransform transform, Expr? label, bool learn)
    {
        long rows = 0;
        if (label is null)
        {
            await foreach (var batch in source.ReadAllAsync([.. source.Schema.Names], default))
            {
                rows += batch.RowCount;
            }

            return rows;
        }

        var learner = new FtrlLearner(
            ModelTask.BinaryClassification, transform.Output, new LabelMoments(100, 100, 0.2, 16), LinearOptions.Default);
        await foreach (var batch in new FeatureRows(transform, label, null, source.Schema).ReadAsync(source, default))
        {
            rows += batch.RowCount;
            if (learn)
            {
                learner.Learn(batch);
            }
        }

        return rows;
    }
}
