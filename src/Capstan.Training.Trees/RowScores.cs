using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>
/// What some rows score by the trees so far, in double precision: where LightGBM begins to add. The sums run as the predictor's do,
/// and as LightGBM's own: from the offset, tree by tree, so that trees grown in two goes have the bits of those grown in one.
/// </summary>
/// <param name="batches">The rows, from the first on, as often as asked.</param>
sealed class RowScores(int rowCount, Func<IEnumerable<TrainingBatch>> batches, int width)
{
    double[]? _scores;

    /// <summary>Adds some trees, after those added before.</summary>
    /// <returns>[scores × rows], score after score, as LightGBM takes them.</returns>
    public double[] Add(BoostedTreesPredictor trees, CancellationToken cancellationToken)
    {
        var goesOn = _scores is not null;
        var scores = _scores ??= GC.AllocateUninitializedArray<double>(LengthOf(rowCount, width));
        var workspace = trees.CreateWorkspace();
        var (sums, first) = (Array.Empty<double>(), 0);
        foreach (var batch in batches())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = batch.RowCount * width;
            sums = sums.Length < count ? new double[count] : sums;
            var own = sums.AsSpan(0, count);
            if (goesOn)
            {
                for (var index = 0; index < count; index++)
                {
                    own[index] = scores[PlaceOf(first, index)];
                }

                trees.AddTo(batch.Features, own, workspace);
            }
            else
            {
                trees.AddUp(batch.Features, own, workspace);
            }

            for (var index = 0; index < count; index++)
            {
                scores[PlaceOf(first, index)] = own[index];
            }

            first += batch.RowCount;
        }

        return scores;
    }

    /// <summary>Where a batch's sum stands, which lies score by score within its row.</summary>
    int PlaceOf(int first, int index) => index % width * rowCount + first + index / width;

    static int LengthOf(int rowCount, int width) => (long)rowCount * width <= int.MaxValue ? rowCount * width : throw new ArgumentException(
        $"{rowCount:N0} rows of {width} classes have more scores than the {int.MaxValue:N0} that trees can go on from. Learn from a " +
        "share of the rows with a filter.");
}
