namespace Capstan.Training.Tests.Evaluation;

public sealed class IntervalEvaluatorTests
{
    [Fact]
    public void Labels_inside_are_counted_by_weight_ends_included()
    {
        var evaluator = new IntervalEvaluator(0.8);
        evaluator.Add([0, 2, 1, 4, -1, 0], [2, 0.5f, -1], [1, 2, 1]);
        evaluator.Add([0, 0], [5], [0]);
        var found = evaluator.Conclude();
        Assert.Equal((0.8, 0.5, (2 + 6 + 1) / 4.0), (found.Promised, found.Coverage, found.MeanWidth));
        Assert.Equal(Math.Sqrt(0.25 * 6) / 4, found.StandardError!.Value, 1e-12);
    }

    [Fact]
    public void Of_no_rows_nothing_is_known_and_lengths_that_differ_are_refused()
    {
        Assert.Equal(new IntervalEvaluation(0.9, null, null, null), new IntervalEvaluator(0.9).Conclude());
        Assert.Contains("3 ends", Assert.Throws<ArgumentException>(() => new IntervalEvaluator(0.9).Add([1, 2, 3], [1], [1])).Message);
    }
}
