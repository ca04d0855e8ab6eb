namespace Capstan.Training.Tests.Evaluation;

public sealed class MulticlassEvaluatorTests
{
    // Predicted: 0, 1, 1, 2, 0; by scikit-learn 1.2: accuracy 0.6, f1 macro 0.5556, precision macro 0.6667, recall macro 0.6667.
    static readonly float[] Scores =
    [
        2, 1, 0,
        0, 1, 0,
        1, 3, 2,
        0, 0, 1,
        5, 1, 4,
    ];

    static readonly float[] Labels = [0, 0, 1, 2, 2];

    [Fact]
    public void Metrics_are_those_of_their_definitions()
    {
        var evaluation = Evaluated(Scores, Labels, [1, 1, 1, 1, 1]);
        Assert.Equal(0.6, evaluation["accuracy"]!.Value, 1e-12);
        Assert.Equal((2.0 / 4 + 2.0 / 3 + 2.0 / 3) / 3, evaluation["macro_f1"]!.Value, 1e-12);
        Assert.Equal((0.5 + 0.5 + 1) / 3, evaluation["macro_precision"]!.Value, 1e-12);
        Assert.Equal((0.5 + 1 + 0.5) / 3, evaluation["macro_recall"]!.Value, 1e-12);
        var logLoss = Enumerable.Range(0, 5).Average(row =>
            Math.Log(Scores[(row * 3)..(row * 3 + 3)].Sum(score => Math.Exp(score))) - Scores[row * 3 + (int)Labels[row]]);
        Assert.Equal(logLoss, evaluation["log_loss"]!.Value, 1e-12);
        Assert.Equal("accuracy", evaluation.PrimaryMetric.Name);
    }

    [Fact]
    public void A_row_of_weight_two_counts_twice_and_one_of_weight_0_not_at_all()
    {
        var expected = Evaluated([.. Scores[..3], .. Scores[..3], .. Scores[6..9]], [0, 0, 1], [1, 1, 1]);
        var found = Evaluated(Scores[..9], [0, 0, 1], [2, 0, 1]);
        Assert.Equal(expected.Metrics.Select(metric => metric.Value), found.Metrics.Select(metric => metric.Value));
    }

    [Fact]
    public void Merging_parts_is_as_adding_all()
    {
        var (whole, first, second) = (new MulticlassEvaluator(3), new MulticlassEvaluator(3), new MulticlassEvaluator(3));
        float[] weights = [1, 2, 3, 4, 5];
        whole.Add(Scores, Labels, weights);
        first.Add(Scores.AsSpan(0, 6), Labels.AsSpan(0, 2), weights.AsSpan(0, 2));
        second.Add(Scores.AsSpan(6), Labels.AsSpan(2), weights.AsSpan(2));
        Assert.Equal(whole.Conclude().ToString(), first.Merge(second).Conclude().ToString());
        Assert.Equal(whole.Conclude().ToString(), MulticlassEvaluator.Empty.Merge(whole).Conclude().ToString());
    }

    [Fact]
    public void From_four_classes_on_the_best_three_are_counted()
    {
        var evaluator = new MulticlassEvaluator(4);
        evaluator.Add([4, 3, 2, 1, 4, 3, 2, 1], [2, 3], [1, 1]);
        Assert.Equal(0.5, evaluator.Conclude()["top_3_accuracy"]);
    }

    [Fact]
    public void Of_no_rows_nothing_is_defined() =>
        Assert.All(new MulticlassEvaluator(3).Conclude().Metrics, metric => Assert.Null(metric.Value));

    [Theory]
    [InlineData(3f, 1f, "expected a class, a whole number from 0 to 2")]
    [InlineData(0f, float.NaN, "expected a finite number")]
    public void What_is_no_label_or_score_is_refused(float label, float score, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Evaluated([0, 0, score], [label], [1])).Message);

    static Training.Evaluation Evaluated(float[] scores, float[] labels, float[] weights)
    {
        var evaluator = new MulticlassEvaluator(3);
        evaluator.Add(scores, labels, weights);
        return evaluator.Conclude();
    }
}
