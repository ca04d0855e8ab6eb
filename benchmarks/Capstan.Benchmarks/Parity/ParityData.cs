using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>What is compared: rows of a file, features of a sample with more expressions, and what the row reference makes of them.</summary>
static class ParityData
{
    const int FittingRows = 20_000;
    const int BatchRows = 100_000;

    /// <summary>The sample's features, fitted as training fits them, and the expressions as features <c>e0</c>, <c>e1</c> ….</summary>
    public static async Task<FrozenTransform> TransformAsync(IBatchSource source, string sample, string[] expressions)
    {
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", sample)));
        var kept = new BatchBuilder(source.Schema);
        await foreach (var rows in FirstRowsAsync(source, [.. source.Schema.Names], FittingRows))
        {
            kept.AppendRange(rows, 0, rows.RowCount);
        }

        var fitting = Dataset.From(new MemorySource(source.Schema, [kept.Batch]), sample);
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(fitting, CancellationToken.None);
        return new FrozenTransform(
            source.Schema,
            [
                .. model.Artifact.Transform.Features.Select(feature => (feature.Name, feature.Expr)),
                .. expressions.Select((expression, index) => ($"e{index}", ExprParser.Parse(expression))),
            ]);
    }

    /// <summary>The first rows in large batches, each of which is refilled by the next; a query over few rows is mostly planning.</summary>
    public static async IAsyncEnumerable<ColumnBatch> FirstRowsAsync(IBatchSource source, string[] columns, int most)
    {
        var kept = new BatchBuilder(source.Schema.Select(columns));
        await foreach (var rows in source.ReadAllAsync(columns, CancellationToken.None))
        {
            var count = Math.Min(rows.RowCount, most);
            kept.AppendRange(rows, 0, count);
            most -= count;
            if (kept.Batch.RowCount >= BatchRows || most == 0)
            {
                yield return kept.Batch;
                kept.Clear();
            }

            if (most == 0)
            {
                yield break;
            }
        }

        if (kept.Batch.RowCount > 0)
        {
            yield return kept.Batch;
        }
    }

    /// <summary>The reference's values as the features that they become, by name: categories, or single precision with 0 for missing.</summary>
    public static Dictionary<string, float[]> Reference(FrozenTransform transform, ColumnBatch rows) => transform.Features.ToDictionary(
        feature => feature.Name,
        feature => Enumerable.Range(0, rows.RowCount).Select(row => Feature(RowReference.Evaluate(feature.Expr, rows, row))).ToArray());

    /// <summary>A value as a feature; categories below 2²⁴ are exact in single precision.</summary>
    public static float Feature(object? value) => value switch
    {
        null => 0,
        double number => float.IsFinite((float)number) ? (float)number : 0,
        bool truth => truth ? 1 : 0,
        int category => category,
        long category => category,
        _ => throw new InvalidOperationException($"{value} ({value.GetType().Name}) is no feature."),
    };
}
