using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>What is compared: rows of a file, features of a sample with more expressions, and what the row reference makes of them.</summary>
static class ParityData
{
    const int FittingRows = 20_000;

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

    public static async IAsyncEnumerable<ColumnBatch> FirstRowsAsync(IBatchSource source, string[] columns, int most)
    {
        await foreach (var rows in source.ReadAllAsync(columns, CancellationToken.None))
        {
            if (rows.RowCount > most)
            {
                var first = new BatchBuilder(rows.Schema);
                first.AppendRange(rows, 0, most);
                yield return first.Batch;
                yield break;
            }

            yield return rows;
            most -= rows.RowCount;
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
