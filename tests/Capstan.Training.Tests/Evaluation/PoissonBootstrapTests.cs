using Capstan.Models;
using Capstan.Training.Tests.Evaluation.Oracles;

namespace Capstan.Training.Tests.Evaluation;

public sealed class PoissonBootstrapTests
{
    static readonly BootstrapOptions Many = new() { Replicates = 1000 };

    [Fact]
    public void A_row_counts_as_a_Poisson_variable_of_mean_1_does()
    {
        var counts = new long[13];
        const int Draws = 400_000;
        for (var draw = 0; draw < Draws; draw++)
        {
            counts[PoissonBootstrap.CountOf(3, draw / 1000, draw % 1000)]++;
        }

        var expected = Draws / Math.E;
        for (var count = 0; count < 8; count++)
        {
            Assert.InRange(counts[count], expected - 4.5 * Math.Sqrt(expected), expected + 4.5 * Math.Sqrt(expected));
            expected /= count + 1;
        }
    }

    [Fact]
    public void The_standard_error_of_a_mean_is_that_of_the_textbook()
    {
        var (scores, labels) = Regression(400, 1, 0);
        var mae = Evaluated(ModelOutput.Value, [scores], labels, Many)[0].Metrics[1];
        var errors = scores.Zip(labels, (score, label) => Math.Abs((double)score - label)).ToArray();
        var mean = errors.Average();
        var expected = Math.Sqrt(errors.Sum(error => (error - mean) * (error - mean)) / errors.Length / errors.Length);
        Assert.Equal("mae", mae.Name);
        Assert.InRange(mae.Interval!.Value.StandardError / expected, 0.9, 1.1);
        Assert.InRange((mae.Interval.Value.High - mae.Interval.Value.Low) / (2 * 1.96 * expected), 0.88, 1.12);
        Assert.InRange(mae.Value!.Value, mae.Interval.Value.Low, mae.Interval.Value.High);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Standard_errors_of_AUC_and_of_its_difference_are_DeLongs(int seed)
    {
        var (scores, labels) = Classes(600, seed);
        var covariance = DeLong.CovarianceOf(scores, labels);
        var rows = new ScoredRows(ModelOutput.LogOdds, scores, labels, [.. labels.Select(_ => 1f)], labels.Length);
        var (evaluations, differences) = PoissonBootstrap.Compare(Whole(rows), rows, Many, CancellationToken.None);
        for (var model = 0; model < 2; model++)
        {
            var interval = evaluations[model].Metrics[0].Interval!.Value;
            Assert.InRange(interval.StandardError / Math.Sqrt(covariance[model, model]), 0.9, 1.1);
        }

        var difference = Assert.Single(differences)[0];
        var error = Math.Sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]);
        Assert.Equal(evaluations[0]["auc"] - evaluations[1]["auc"], difference.Value);
        Assert.InRange(difference.Interval!.Value.StandardError / error, 0.9, 1.1);
        var z = difference.Value!.Value / error;
        Assert.InRange(difference.PValue!.Value, NormalDistribution.TwoSided(z * 1.1), NormalDistribution.TwoSided(z * 0.9));
        Assert.Equal(1, difference.Verdict);
    }

    [Fact]
    public void Paired_models_differ_less_than_their_own_uncertainty()
    {
        var (scores, labels) = Regression(500, 2, 0);
        var slightlyWorse = scores.Zip(labels, (score, label) => label + 1.05f * (score - label)).ToArray();
        var rows = new ScoredRows(ModelOutput.Value, [scores, slightlyWorse], labels, [.. labels.Select(_ => 1f)], labels.Length);
        var (evaluations, differences) = PoissonBootstrap.Compare(Whole(rows), rows, Many, CancellationToken.None);
        var (own, difference) = (evaluations[0].Metrics[0].Interval!.Value, differences[0][0]);
        Assert.True(own.StandardError > 10 * difference.Interval!.Value.StandardError);
        Assert.True(difference.PValue < 1e-6, $"{difference.PValue}");
        Assert.Equal(1, difference.Verdict);
    }

    [Fact]
    public void A_model_does_not_differ_from_itself()
    {
        var (scores, labels) = Classes(100, 3);
        var rows = new ScoredRows(ModelOutput.LogOdds, [scores[0], scores[0]], labels, [.. labels.Select(_ => 1f)], labels.Length);
        var differences = PoissonBootstrap.Compare(Whole(rows), rows, Many, CancellationToken.None).Differences;
        Assert.All(differences[0], each => Assert.Equal((0.0, 1.0, 0), (each.Value, each.PValue, each.Verdict)));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        var (scores, labels) = Classes(300, 4);
        var one = Evaluated(ModelOutput.LogOdds, scores, labels, new BootstrapOptions { Threads = 1 });
        var many = Evaluated(ModelOutput.LogOdds, scores, labels, new BootstrapOptions { Threads = 7 });
        Assert.Equal(one.SelectMany(each => each.Metrics), many.SelectMany(each => each.Metrics));
    }

    [Fact]
    public void A_sample_of_more_rows_gives_narrower_intervals()
    {
        var (scores, labels) = Regression(400, 5, 0);
        var weights = labels.Select(_ => 1f).ToArray();
        var (alone, sample) = (new ScoredRows(ModelOutput.Value, [scores], labels, weights, 400), new ScoredRows(ModelOutput.Value, [scores], labels, weights, 40_000));
        var whole = Whole(alone);
        var wide = PoissonBootstrap.WithIntervals(whole, alone, Many, CancellationToken.None)[0].Metrics[0].Interval!.Value;
        var narrow = PoissonBootstrap.WithIntervals(whole, sample, Many, CancellationToken.None)[0].Metrics[0].Interval!.Value;
        Assert.Equal(10, wide.StandardError / narrow.StandardError, 1e-9);
        Assert.Equal(10, (wide.High - wide.Low) / (narrow.High - narrow.Low), 1e-9);
    }

    [Fact]
    public void What_is_not_defined_has_no_interval()
    {
        var evaluation = Evaluated(ModelOutput.LogOdds, [[1, 2, 3]], [1, 1, 1], new BootstrapOptions())[0];
        Assert.Null(evaluation.Metrics[0].Interval);
        Assert.NotNull(evaluation.Metrics[2].Interval);
        Assert.All(Evaluated(ModelOutput.Value, [[]], [], new BootstrapOptions())[0].Metrics, metric => Assert.Null(metric.Interval));
        Assert.All(
            Evaluated(ModelOutput.Value, [[1]], [2], new BootstrapOptions { Replicates = 0 })[0].Metrics, metric => Assert.Null(metric.Interval));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0.31731050786291415)]
    [InlineData(-1.959963984540054, 0.05)]
    [InlineData(5, 5.733031437583892e-07)]
    public void Tails_of_the_normal_distribution_are_those_of_the_tables(double z, double expected) =>
        Assert.InRange(NormalDistribution.TwoSided(z) / expected, 1 - 2e-7, 1 + 2e-7);

    [Fact]
    public void Options_out_of_range_are_refused_together()
    {
        var refusal = Assert.Throws<ArgumentException>(
            () => new BootstrapOptions { Replicates = 5, Confidence = 95, Threads = 0 }.Validate());
        Assert.Contains("Replicates is 5", refusal.Message);
        Assert.Contains("Confidence is 95", refusal.Message);
        Assert.Contains("Threads is 0", refusal.Message);
    }

    static IReadOnlyList<Training.Evaluation> Evaluated(ModelOutput output, float[][] scores, float[] labels, BootstrapOptions options)
    {
        var rows = new ScoredRows(output, scores, labels, [.. labels.Select(_ => 1f)], labels.Length);
        return PoissonBootstrap.WithIntervals(Whole(rows), rows, options, CancellationToken.None);
    }

    static Training.Evaluation[] Whole(ScoredRows rows) =>
    [
        .. Enumerable.Range(0, rows.Models).Select(model =>
        {
            var evaluator = Evaluators.For(rows.Output);
            evaluator.Add(rows.Scores(model).Span, rows.Labels.Span, rows.Weights.Span);
            return evaluator.Conclude();
        }),
    ];

    static (float[] Scores, float[] Labels) Regression(int rows, int seed, double bias)
    {
        var random = new Random(seed);
        var labels = Enumerable.Range(0, rows).Select(_ => (float)(10 * ExampleRows.Normal(random))).ToArray();
        return ([.. labels.Select(label => (float)(label + bias + 2 * ExampleRows.Normal(random)))], labels);
    }

    /// <summary>Two correlated models, the first clearly better.</summary>
    static (float[][] Scores, float[] Labels) Classes(int rows, int seed)
    {
        var random = new Random(seed);
        var labels = Enumerable.Range(0, rows).Select(_ => (float)(random.Next(3) == 0 ? 1 : 0)).ToArray();
        var signal = labels.Select(label => 1.5 * label + ExampleRows.Normal(random)).ToArray();
        return ([[.. signal.Select(each => (float)each)], [.. signal.Select(each => (float)(each + 1.2 * ExampleRows.Normal(random)))]], labels);
    }
}
