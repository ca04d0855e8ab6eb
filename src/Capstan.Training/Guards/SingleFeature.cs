using Capstan.Models;

namespace Capstan.Training;

/// <summary>How well one feature alone predicts the label.</summary>
/// <param name="Measure">"an AUC of", "an R² of" or "an accuracy of".</param>
/// <param name="Value">Of rows that the little model was not made from.</param>
/// <param name="IsImplausible">Better than real data lets a single feature be.</param>
readonly record struct SingleFeatureStrength(string Measure, double Value, bool IsImplausible);

/// <summary>
/// The little model of one feature: the mean label (or likeliest class) of each category, or of each of 64 bins of a number. Made from
/// every other row and measured on the rest, so that a feature with a value for every row gains nothing by it, and in bins, so that
/// any shape of dependence is seen.
/// </summary>
static class SingleFeature
{
    const int Bins = 64;
    const double ImplausibleAuc = 0.99;
    const double ImplausibleR2 = 0.99;
    const double ImplausibleAccuracy = 0.99;
    const double PlainAccuracy = 0.95;

    /// <summary>Null where nothing can be told: labels all alike, no weight.</summary>
    /// <param name="values">[rows] numbers, or numbers of categories.</param>
    public static SingleFeatureStrength? StrengthOf(
        float[] values, bool isCategory, float[] labels, float[] weights, ModelOutput output)
    {
        var groups = GroupsOf(values, isCategory);
        return output.Task switch
        {
            ModelTask.MulticlassClassification => Accuracy(groups, labels, weights),
            ModelTask.BinaryClassification => Measured(groups, labels, weights, new BinaryEvaluator(), "an AUC of", ImplausibleAuc, 0),
            _ => Measured(groups, labels, weights, new RegressionEvaluator(), "an R² of", ImplausibleR2, 2),
        };
    }

    static SingleFeatureStrength? Measured(
        int[] groups, float[] labels, float[] weights, IEvaluator evaluator, string measure, double limit, int metric)
    {
        var sums = new Dictionary<int, (double Weight, double Label)>();
        var all = (Weight: 0.0, Label: 0.0);
        for (var row = 0; row < groups.Length; row += 2)
        {
            var (weight, label) = sums.GetValueOrDefault(groups[row]);
            sums[groups[row]] = (weight + weights[row], label + (double)weights[row] * labels[row]);
            all = (all.Weight + weights[row], all.Label + (double)weights[row] * labels[row]);
        }

        if (all.Weight == 0)
        {
            return null;
        }

        int[] rest = [.. Enumerable.Range(0, groups.Length / 2).Select(index => 2 * index + 1)];
        evaluator.Add(
            [.. rest.Select(row => (float)MeanOf(groups[row]))], [.. rest.Select(row => labels[row])], [.. rest.Select(row => weights[row])]);
        return evaluator.Conclude().Metrics[metric].Value is { } value
            ? new SingleFeatureStrength(measure, value, value >= limit)
            : null;

        double MeanOf(int group) =>
            sums.TryGetValue(group, out var sum) && sum.Weight > 0 ? sum.Label / sum.Weight : all.Label / all.Weight;
    }

    static SingleFeatureStrength? Accuracy(int[] groups, float[] labels, float[] weights)
    {
        var sums = new Dictionary<(int Group, float Label), double>();
        var all = new Dictionary<float, double>();
        for (var row = 0; row < groups.Length; row += 2)
        {
            var key = (groups[row], labels[row]);
            sums[key] = sums.GetValueOrDefault(key) + weights[row];
            all[labels[row]] = all.GetValueOrDefault(labels[row]) + weights[row];
        }

        var likeliest = sums.GroupBy(sum => sum.Key.Group).ToDictionary(group => group.Key, group => group.MaxBy(sum => sum.Value).Key.Label);
        var plain = all.MaxBy(each => each.Value).Key;
        var (right, plainlyRight, total) = (0.0, 0.0, 0.0);
        for (var row = 1; row < groups.Length; row += 2)
        {
            right += likeliest.GetValueOrDefault(groups[row], plain) == labels[row] ? weights[row] : 0;
            plainlyRight += plain == labels[row] ? weights[row] : 0;
            total += weights[row];
        }

        // Where one class is nearly all there is, every feature is right.
        return total > 0
            ? new SingleFeatureStrength("an accuracy of", right / total, right >= ImplausibleAccuracy * total && plainlyRight <= PlainAccuracy * total)
            : null;
    }

    /// <summary>The bin or category of each row; edges are those of the rows that the little model is made from.</summary>
    static int[] GroupsOf(float[] values, bool isCategory)
    {
        if (isCategory)
        {
            return Array.ConvertAll(values, value => (int)value);
        }

        var sorted = values.Where((_, row) => row % 2 == 0).Order().ToArray();
        var edges = Enumerable.Range(1, Bins - 1).Select(bin => sorted[(int)((long)sorted.Length * bin / Bins)]).Distinct().ToArray();
        return Array.ConvertAll(values, value =>
        {
            // A value that is an edge has a bin of its own: it may be what most rows have.
            var place = Array.BinarySearch(edges, value);
            return place >= 0 ? 2 * place + 1 : 2 * ~place;
        });
    }
}
