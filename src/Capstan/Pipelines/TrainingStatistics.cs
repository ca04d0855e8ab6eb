using Capstan.Data;
using Capstan.Features;

namespace Capstan;

/// <summary>
/// Statistics of every raw column that a pipeline may use, over its training rows: one pass, or none where they were kept.
/// </summary>
static class TrainingStatistics
{
    /// <exception cref="UnreadableDataException">There are no rows.</exception>
    public static async Task<TableStatistics> OfAsync(
        Pipeline pipeline, IBatchSource train, AnalysisFolder? kept, Action<int> passed, CancellationToken cancellationToken)
    {
        var columns = ColumnsOf(pipeline, train.Schema);
        var schema = train.Schema.Select(columns);
        if (kept?.Find<TableStatistics>(train.Fingerprint, schema.ToString()) is { } found)
        {
            return found;
        }

        var statistics = new TableStatistics(schema);
        await foreach (var batch in train.ReadAllAsync(columns, cancellationToken))
        {
            statistics.Observe(batch);
            passed(batch.RowCount);
        }

        if (statistics.RowCount == 0)
        {
            throw new UnreadableDataException(
                train.Splits.Count > 0 ? train.Splits[0].Name : "the data",
                "there are no rows to learn from; check the file, the filter and the validation split.");
        }

        kept?.Keep(train.Fingerprint, schema.ToString(), statistics);
        return statistics;
    }

    static string[] ColumnsOf(Pipeline pipeline, Schema schema)
    {
        if (pipeline.WantsAutomaticFeatures)
        {
            return [.. schema.Names];
        }

        var used = pipeline.Features.Values.Append(pipeline.Label)
            .SelectMany(text => ExprChildren.ColumnsOf(ExprParser.Parse(text)));
        // Unknown ones are reported later, with the member that names them.
        string[] known = [.. used.Distinct(StringComparer.Ordinal).Where(name => schema.IndexOf(name) >= 0)];
        return known.Length > 0 ? known : [.. schema.Names];
    }
}
