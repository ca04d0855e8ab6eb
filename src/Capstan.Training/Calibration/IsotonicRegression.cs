using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// The never-falling curve of least weighted squared error through labels by rising score, by pooling adjacent violators: what each block
/// of scores came to, from its first score to its last.
/// </summary>
/// <remarks>
/// Rows of equal score are one. A share of 0 or 1 would mean infinite log-odds; it is taken as half a row short of that, as for
/// <see cref="Baseline"/>. Between blocks the curve is straight in log-odds; scikit-learn's is straight in the probability.
/// Source: R. Barlow et al., Statistical Inference under Order Restrictions, 1972, §1.2.
/// </remarks>
static class IsotonicRegression
{
    public static ScoreCalibration? Fit(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var blocks = Pool(scores, labels, weights);
        var total = blocks.Sum(block => block.Weight);
        var margin = 0.5 / (total + 1);
        var (from, to) = (new List<float>(), new List<float>());
        foreach (var block in blocks)
        {
            var share = Math.Clamp(block.Positives / block.Weight, margin, 1 - margin);
            var logOdds = (float)Math.Log(share / (1 - share));
            from.Add(block.First);
            to.Add(logOdds);
            if (block.Last > block.First)
            {
                from.Add(block.Last);
                to.Add(logOdds);
            }
        }

        // One block: no score tells more than another.
        return blocks.Count > 1 ? new ScoreCalibration.Isotonic([.. from], [.. to]) : null;
    }

    static List<Block> Pool(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var ranked = new RankedScores(int.MaxValue);
        for (var row = 0; row < scores.Length; row++)
        {
            if (weights[row] > 0)
            {
                ranked.Add(scores[row], labels[row] == 1, weights[row]);
            }
        }

        var blocks = new List<Block>();
        foreach (var group in ranked.Ascending())
        {
            var block = new Block(group.Score, group.Score, group.Positives, group.Positives + group.Negatives);
            while (blocks.Count > 0 && blocks[^1].Positives * block.Weight >= block.Positives * blocks[^1].Weight)
            {
                var before = blocks[^1];
                block = new Block(before.First, block.Last, before.Positives + block.Positives, before.Weight + block.Weight);
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(block);
        }

        return blocks;
    }

    readonly record struct Block(float First, float Last, double Positives, double Weight);
}
