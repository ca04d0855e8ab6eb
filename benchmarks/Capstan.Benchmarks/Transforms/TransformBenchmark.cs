using System.Diagnostics;
using Capstan.Data;
using Capstan.Features;
using static Capstan.Features.Expressions;

namespace Capstan.Benchmarks;

/// <summary>
/// Transform apply on one core: scale, bucketize, vocabulary and hash features over columns in memory, in cells (values of
/// raw columns read by a feature) per second of CPU time. The peer is the floor promised, 20 million.
/// </summary>
static class TransformBenchmark
{
    const int Rows = 8192;
    const int Runs = 7;

    public static BenchmarkReport Run()
    {
        var batch = MakeRows();
        var rows = new[]
        {
            Measure("scale 10 numbers", batch, [.. Numbers().Select(name => ($"{name}_z", (Col(name) - 50) / 28.9))]),
            Measure("bucketize 10 numbers, 32 buckets", batch, [.. Numbers().Select(name => ($"{name}_b", Bucketize(Col(name), [.. Enumerable.Range(1, 31).Select(step => step * 3.125)])))]),
            Measure("vocabulary of 4 texts, 250 terms", batch, [.. Texts().Select(name => ($"{name}_v", new VocabularyExpr(Col(name), new FixedTerms([.. Terms(250)], 1))))]),
            Measure("hash 4 texts", batch, [.. Texts().Select(name => ($"{name}_h", Hash(Col(name), 1 << 16)))]),
            Measure(
                "all four together", batch,
                [
                    .. Numbers().Select(name => ($"{name}_z", (Col(name) - 50) / 28.9)),
                    .. Numbers().Select(name => ($"{name}_b", Bucketize(Col(name), [.. Enumerable.Range(1, 31).Select(step => step * 3.125)]))),
                    .. Texts().Select(name => ($"{name}_v", (Expr)new VocabularyExpr(Col(name), new FixedTerms([.. Terms(250)], 1)))),
                    .. Texts().Select(name => ($"{name}_h", Hash(Col(name), 1 << 16))),
                ]),
        };
        return new BenchmarkReport("transform", [.. MachineFacts.All(), ("allocated", $"{rows.Sum(row => row.Allocated)} bytes after warm-up")], [.. rows.Select(row => row.Row)]);
    }

    static (BenchmarkRow Row, long Allocated) Measure(string subject, ColumnBatch batch, (string Name, Expr Expr)[] features)
    {
        var transform = new FrozenTransform(batch.Schema, [.. features]);
        var (buffer, workspace) = (new FeatureBuffer(transform.Output), transform.CreateWorkspace());
        Verify(transform, batch, buffer, workspace);
        var repeats = 20;
        Time(transform, batch, buffer, workspace, 500);
        repeats = Math.Max(20, (int)(repeats * 0.4 / Time(transform, batch, buffer, workspace, repeats)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        transform.Apply(batch, buffer, workspace);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var pairs = Enumerable.Range(0, Runs)
            .Select(_ => new RatePair((double)Rows * features.Length * repeats / Time(transform, batch, buffer, workspace, repeats), 20e6))
            .ToArray();
        return (new BenchmarkRow(subject, "cells/s", "floor", pairs, 1, $"{allocated} B allocated per batch"), allocated);
    }

    static double Time(FrozenTransform transform, ColumnBatch batch, FeatureBuffer buffer, TransformWorkspace workspace, int repeats)
    {
        var start = Process.GetCurrentProcess().TotalProcessorTime;
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            transform.Apply(batch, buffer, workspace);
        }

        return (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds;
    }

    /// <summary>The row reference says the same, or nothing is timed.</summary>
    static void Verify(FrozenTransform transform, ColumnBatch batch, FeatureBuffer buffer, TransformWorkspace workspace)
    {
        transform.Apply(batch, buffer, workspace);
        var (numerics, categories) = (IndexesOf(transform.Output.Numerics), IndexesOf(transform.Output.Categories));
        foreach (var (name, expr) in transform.Features)
        {
            for (var row = 0; row < 100; row++)
            {
                var expected = RowReference.Evaluate(expr, batch, row);
                var agrees = categories.TryGetValue(name, out var index)
                    ? buffer.Category(index)[row] == (int)expected! // categories are never missing
                    : buffer.Numeric(numerics[name])[row].Equals((float)(double)(expected ?? 0.0));
                if (!agrees)
                {
                    throw new InvalidOperationException($"{expr}: row {row} differs from the reference's {expected}. Nothing was timed.");
                }
            }
        }

        static Dictionary<string, int> IndexesOf(IEnumerable<FeatureSpec> specs) => specs.Select((spec, index) => (spec.Name, index)).ToDictionary();
    }

    static ColumnBatch MakeRows()
    {
        var schema = new Schema([.. Numbers().Select(name => new Field(name, DataType.Float64)), .. Texts().Select(name => new Field(name, DataType.Text))]);
        var builder = new BatchBuilder(schema);
        var random = new Random(7);
        var terms = Terms(300).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            foreach (var column in builder.Columns)
            {
                if (random.Next(50) == 0)
                {
                    column.AppendMissing();
                }
                else if (column.Type == DataType.Text)
                {
                    column.Append(terms[random.Next(terms.Length)]);
                }
                else
                {
                    column.Append(random.NextDouble() * 100);
                }
            }
        }

        return builder.Batch;
    }

    static IEnumerable<string> Numbers() => Enumerable.Range(0, 10).Select(index => $"n{index}");

    static IEnumerable<string> Texts() => Enumerable.Range(0, 4).Select(index => $"t{index}");

    static IEnumerable<string> Terms(int count) => Enumerable.Range(0, count).Select(index => $"term-{index * 7919 % 100_000:00000}");
}
