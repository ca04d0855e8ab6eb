namespace Capstan.Training.Tests.Evaluation;

public sealed class BinaryEvaluatorLaws
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory, MemberData(nameof(Seeds))]
    public void Counting_all_pairs_and_all_thresholds_agrees(int seed)
    {
        var (scores, labels, weights) = Rows(seed, 300);
        var evaluation = Fed(scores, labels, weights).Conclude();
        var (wins, pairs) = (0.0, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            for (var j = 0; j < scores.Length; j++)
            {
                if (labels[i] == 1 && labels[j] == 0)
                {
                    var weight = (double)weights[i] * weights[j];
                    pairs += weight;
                    wins += scores[i] > scores[j] ? weight : scores[i] == scores[j] ? weight / 2 : 0;
                }
            }
        }

        Assert.Equal(wins / pairs, evaluation["auc"]!.Value, 1e-12);

        var (precisionSum, recall) = (0.0, 0.0);
        var positives = Enumerable.Range(0, labels.Length).Sum(row => (double)weights[row] * labels[row]);
        foreach (var threshold in scores.Distinct().OrderDescending())
        {
            var chosen = Enumerable.Range(0, scores.Length).Where(row => scores[row] >= threshold).ToArray();
            var found = chosen.Sum(row => (double)weights[row] * labels[row]);
            var precision = found == 0 ? 0 : found / chosen.Sum(row => (double)weights[row]);
            precisionSum += (found / positives - recall) * precision;
            recall = found / positives;
        }

        Assert.Equal(precisionSum, evaluation["average_precision"]!.Value, 1e-12);
        Assert.Equal(1, evaluation.Calibration.Sum(bin => bin.Weight) / weights.Sum(weight => (double)weight), 1e-12);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Ranking_does_not_depend_on_the_order_or_the_split_of_rows(int seed)
    {
        var random = new Random(-seed);
        var (scores, labels, weights) = Rows(seed, 2000);
        var whole = Fed(scores, labels, weights);
        var shuffled = Enumerable.Range(0, scores.Length).ToArray();
        random.Shuffle(shuffled);
        var cut = random.Next(scores.Length + 1);
        var left = Picked(shuffled[..cut]);
        var right = Picked(shuffled[cut..]);
        foreach (var state in new[] { left.Merge(right), right.Merge(left), BinaryEvaluator.Empty.Merge(whole) })
        {
            var merged = state.Conclude();
            var expected = whole.Conclude();
            foreach (var name in new[] { "auc", "average_precision", "calibration_error" })
            {
                Assert.Equal(expected[name], merged[name]);
            }

            Assert.Equal(expected["log_loss"]!.Value, merged["log_loss"]!.Value, 1e-12);
            Assert.Equal(expected["accuracy"]!.Value, merged["accuracy"]!.Value, 1e-12);
            Assert.Equal(expected.RowCount, merged.RowCount);
        }

        BinaryEvaluator Picked(int[] rows) => Fed(
            [.. rows.Select(row => scores[row])], [.. rows.Select(row => labels[row])], [.. rows.Select(row => weights[row])]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Beyond_the_exact_rows_the_truth_lies_within_the_stated_error(int seed)
    {
        var (scores, labels, weights) = Rows(seed, 20_000);
        var exact = Fed(scores, labels, weights).Conclude();
        var counted = Fed(scores, labels, weights, exactRows: scores.Length - 1).Conclude();
        var merged = Fed(scores[..7000], labels[..7000], weights[..7000], exactRows: 9000)
            .Merge(Fed(scores[7000..], labels[7000..], weights[7000..], exactRows: 9000)).Conclude();
        foreach (var approximate in new[] { counted, merged })
        {
            for (var index = 0; index < 2; index++)
            {
                var (truth, found) = (exact.Metrics[index], approximate.Metrics[index]);
                // True ties look like classes, so with many of them the stated error is larger than what was lost.
                Assert.InRange(found.Error, double.Epsilon, seed % 3 == 0 ? 0.2 : 0.01);
                Assert.InRange(truth.Value!.Value, found.Value!.Value - found.Error, found.Value.Value + found.Error);
            }

            Assert.Equal(exact["calibration_error"]!.Value, approximate["calibration_error"]!.Value, 0.002);
            Assert.Contains("±", approximate.ToString());
        }
    }

    static (float[] Scores, float[] Labels, float[] Weights) Rows(int seed, int count)
    {
        var random = new Random(seed);
        var (ties, weighted) = (seed % 3 == 0, seed % 2 == 0);
        var labels = Enumerable.Range(0, count).Select(row => row == 0 || (row > 1 && random.Next(4) == 0) ? 1f : 0f).ToArray();
        var scores = labels.Select(label => label + (float)(random.NextDouble() + random.NextDouble() - 1.5) * 3)
            .Select(score => ties ? MathF.Round(score * 2) / 2 : score).ToArray();
        return (scores, labels, [.. labels.Select(_ => weighted ? random.NextSingle() + 0.1f : 1f)]);
    }

    static BinaryEvaluator Fed(float[] scores, float[] labels, float[] weights, int exactRows = BinaryEvaluator.DefaultExactRows)
    {
        var evaluator = new BinaryEvaluator(exactRows);
        for (var start = 0; start < scores.Length; start += 97)
        {
            var rows = start..Math.Min(scores.Length, start + 97);
            evaluator.Add(scores.AsSpan(rows), labels.AsSpan(rows), weights.AsSpan(rows));
        }

        return evaluator;
    }
}
