namespace Capstan.Training.Tests.Linear;

public sealed class BaselineLearnerTests
{
    static readonly TrainingBatch Rows = ExampleRows.Random(
        ExampleRows.Layout(2, 9), 5, new Random(1), row => new[] { 3f, 1f, 2f, 10f, 4f }[row], row => row == 4 ? 0f : 1f);

    [Theory]
    [InlineData("squared", 4f)]
    [InlineData("absolute", 2f)]
    [InlineData("huber(1)", 2f)]
    [InlineData("quantile(0.9)", 10f)]
    [InlineData("poisson", 1.3862944f)]
    [InlineData("gamma", 1.3862944f)]
    public void What_is_learned_is_the_best_constant(string loss, float expected) =>
        Assert.All(Learned(LossText.Parse(loss), Rows), score => Assert.Equal(expected, score, 1e-6f));

    [Fact]
    public void Of_classes_the_shares_are_learned()
    {
        var rows = ExampleRows.Random(ExampleRows.Layout(1), 3, new Random(1), row => row == 0 ? 2f : 0f);
        Assert.Equal(
            [(float)Math.Log(2.5 / 4.5), (float)Math.Log(0.5 / 4.5), (float)Math.Log(1.5 / 4.5)],
            Learned(new Loss.Softmax(3), rows)[..3]);
    }

    [Fact]
    public void Of_nothing_something_finite_is_learned()
    {
        var layout = ExampleRows.Layout(1);
        foreach (var loss in new Loss[] { new Loss.Squared(), new Loss.Absolute(), new Loss.Poisson(), new Loss.Logistic(), new Loss.Softmax(3) })
        {
            var predictor = new BaselineLearner(loss, layout).Freeze();
            var scores = new float[loss.Output.Width];
            predictor.Predict(ExampleRows.Random(layout, 1, new Random(1)).Features, scores, predictor.CreateWorkspace());
            Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        }
    }

    static float[] Learned(Loss loss, TrainingBatch rows)
    {
        var learner = new BaselineLearner(loss, rows.Features.Layout);
        learner.Learn(rows);
        var predictor = learner.Freeze();
        var scores = new float[rows.RowCount * loss.Output.Width];
        predictor.Predict(rows.Features, scores, predictor.CreateWorkspace());
        return scores;
    }
}
