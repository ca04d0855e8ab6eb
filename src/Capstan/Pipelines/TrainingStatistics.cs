using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>
/// Statistics of every raw column that a pipeline may use, over its training rows: one pass over the files whose statistics were
/// not kept.
/// </summary>
static class TrainingStatistics
{
    /// <param name="pool">Who reads the rows; null for this process.</param>
    /// <exception cref="UnreadableDataException">There are no rows.</exception>
    public static async Task<TableStatistics> OfAsync(
        Pipeline pipeline, IBatchSource train, AnalysisFolder? kept, int threads, ISplitPool? pool, Action<int> passed,
        CancellationToken cancellationToken)
    {
        var schema = SchemaOf(pipeline, train.Schema);
        var rows = SourceSpan.FingerprintOf(train);
        if (kept?.Find<TableStatistics>(rows, schema.ToString()) is { } found)
        {
            return found;
        }

        using var pass = new ParallelPass(train, pool?.Ahead ?? threads, passed);
        var statistics = await pass.RunAsync(
            () => new TableStatistics(schema), (span, token) => OfSpanAsync(pass, span, pool, schema, kept, token),
            (left, right) => left.Merge(right), cancellationToken);
        CheckRows(train, statistics.RowCount);
        kept?.Keep(rows, schema.ToString(), statistics);
        return statistics;
    }

    /// <exception cref="UnreadableDataException">There are no rows.</exception>
    public static void CheckRows(IBatchSource train, long rows)
    {
        if (rows == 0)
        {
            throw new UnreadableDataException(
                train.Splits.Count > 0 ? train.Splits[0].Name : "the data",
                "there are no rows to learn from; check the file, the filter and the validation split.");
        }
    }

    static async Task<TableStatistics> OfSpanAsync(
        ParallelPass pass, SourceSpan span, ISplitPool? pool, Schema schema, AnalysisFolder? kept, CancellationToken cancellationToken)
    {
        if (span.Fingerprint is { } rows && kept?.Find<TableStatistics>(rows, schema.ToString()) is { } found)
        {
            return found;
        }

        var statistics = pool is null
            ? await TableStatistics.OfAsync(pass, span, schema, cancellationToken)
            : await TableStatistics.OfAsync(pass, span, pool, schema, cancellationToken);
        if (span.Fingerprint is not null)
        {
            kept?.Keep(span.Fingerprint, schema.ToString(), statistics);
        }

        return statistics;
    }

    /// <summary>The columns that a pipeline's training needs statistics of.</summary>
    public static Schema SchemaOf(Pipeline pipeline, Schema schema)
    {
        if (pipeline.WantsAutomaticFeatures)
        {
            return schema;
        }

        var used = pipeline.Features.Values.Append(pipeline.Label)
            .SelectMany(text => ExprChildren.ColumnsOf(ExprParser.Parse(text)));
        // Unknown ones are reported later, with the member that names them.
        string[] known = [.. used.Distinct(StringComparer.Ordinal).Where(name => schema.IndexOf(name) >= 0)];
        return known.Length > 0 ? schema.Select(known) : schema;
    }
}
