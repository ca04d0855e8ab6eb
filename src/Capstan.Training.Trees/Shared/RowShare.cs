using Capstan.Features;

namespace Capstan.Training.Trees;

/// <summary>
/// Every so many-th row. Neighbours go to different shares, so that shares are alike however the rows are sorted: where a leaf's value is a
/// median or a quantile, it is the mean of those that each share has.
/// </summary>
/// <param name="Index">Which share, from 0.</param>
/// <param name="Count">How many there are, at least 1.</param>
readonly record struct RowShare(int Index, int Count)
{
    /// <summary>All rows.</summary>
    public static RowShare Whole { get; } = new(0, 1);

    public bool IsWhole => Count == 1;

    /// <summary>How many of so many rows.</summary>
    public long Of(long rows) => (rows - Index + Count - 1) / Count;

    /// <summary>The share's rows, in the order in which they came.</summary>
    /// <param name="batchSize">Rows per batch at most, at least 1.</param>
    /// <returns>One batch object with new content each time; what it held before is gone.</returns>
    public IEnumerable<TrainingBatch> Rows(FeatureStore rows, int batchSize) =>
        IsWhole ? rows.Rows(batchSize) : Pick(rows, batchSize);

    IEnumerable<TrainingBatch> Pick(FeatureStore rows, int batchSize)
    {
        var share = new TrainingBatch(rows.Layout);
        var seen = 0L;
        foreach (var batch in rows.Rows(batchSize))
        {
            // The first of this batch's rows that is ours.
            var first = (int)((Index - seen % Count + Count) % Count);
            seen += batch.RowCount;
            if (first >= batch.RowCount)
            {
                continue;
            }

            share.Resize((batch.RowCount - first + Count - 1) / Count);
            for (var index = 0; index < rows.Layout.Numerics.Length; index++)
            {
                Pick<float>(batch.Features.Numeric(index), share.Features.Numeric(index), first);
            }

            for (var index = 0; index < rows.Layout.Categories.Length; index++)
            {
                Pick<int>(batch.Features.Category(index), share.Features.Category(index), first);
            }

            Pick<float>(batch.Labels, share.Labels, first);
            Pick<float>(batch.Weights, share.Weights, first);
            yield return share;
        }
    }

    void Pick<T>(ReadOnlySpan<T> from, Span<T> to, int first)
    {
        for (var row = 0; row < to.Length; row++)
        {
            to[row] = from[first + row * Count];
        }
    }
}
