using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Training.Tests.Networks;

namespace Capstan.Training.Tests;

public sealed class OffsetFeatureTests
{
    static readonly FeatureLayout Layout = new(
        [FeatureSpec.Numeric("x"), FeatureSpec.Numeric("offset"), FeatureSpec.Category("c", 3)]);

    static readonly string[] Families = ["linear", "dnn", "combined"];
    static readonly string[] Losses = ["squared", "poisson", "gamma", "logistic"];

    public static TheoryData<string, string> Learners => new(Families.SelectMany(family => Losses.Select(loss => (family, loss))));

    static ILearner Learner(string family, Loss loss, LabelMoments labels) => family == "linear"
        ? new FtrlLearner(loss, Layout, labels, new LinearOptions { Offset = "offset", L1 = 0.1f })
        : new DnnLearner(
            loss, Layout,
            new DnnOptions { Offset = "offset", HiddenUnits = [4], L2 = 0.01, Wide = family == "dnn" ? null : new WideOptions() },
            DnnLearner.ScalingFor(loss, labels));

    static (ILearner Learner, TrainingBatch Batch) Trained(string family, string text)
    {
        var loss = Sample.Loss(text);
        var batch = Sample.Batch(Layout, 200, loss, new SeededRandom(3));
        var learner = Learner(family, loss, OffsetFeature.Moments(loss, batch, 1));
        for (var step = 0; step < 20; step++)
        {
            learner.Learn(batch);
        }

        return (learner, batch);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Whatever_is_learned_a_score_rises_by_the_offset(string family, string loss)
    {
        var (learner, batch) = Trained(family, loss);
        var model = learner.Freeze();
        var (before, after) = (Scores(model, batch.Features), new float[batch.RowCount]);
        foreach (ref var offset in batch.Features.Numeric(1))
        {
            offset += 2;
        }

        after = Scores(model, batch.Features);
        Assert.All(before.Zip(after), pair => Assert.Equal(2, pair.Second - pair.First, 1e-3f * (1 + Math.Abs(pair.First))));
        Assert.NotEqual(before[0], before[1]);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void The_loss_while_learning_is_that_of_the_model_with_its_offset(string family, string text)
    {
        var (learner, batch) = Trained(family, text);
        if (learner is FtrlLearner)
        {
            batch.Truncate(1); // it learns row by row
        }

        var scores = Scores(learner.Freeze(), batch.Features);
        var expected = 0.0;
        for (var row = 0; row < batch.RowCount; row++)
        {
            expected += batch.Weights[row] * learner.Loss.Of(scores.AsSpan(row, 1), batch.Labels[row]);
        }

        Assert.Equal(expected, learner.Learn(batch), 1e-3 * (1 + Math.Abs(expected)));
    }

    [Fact]
    public void The_fast_linear_learner_equals_its_reference_to_the_bit()
    {
        var loss = new Loss.Poisson();
        var batch = Sample.Batch(Layout, 300, loss, new SeededRandom(4));
        var options = new LinearOptions { Offset = "offset", L1 = 0.2f };
        var labels = OffsetFeature.Moments(loss, batch, 1);
        ILearner[] both = [new FtrlLearner(loss, Layout, labels, options), new FtrlReference(loss, Layout, labels, options)];
        Assert.Equal(both[0].Learn(batch), both[1].Learn(batch));
        Assert.Equal(((LinearPredictor)both[0].Freeze()).NumericWeights, ((LinearPredictor)both[1].Freeze()).NumericWeights);
    }

    /// <summary>The constants have closed forms: the maximum of the likelihood of the counts, amounts or values.</summary>
    [Theory]
    [InlineData("poisson")]
    [InlineData("gamma")]
    [InlineData("squared")]
    public void No_other_constant_beats_a_baselines(string text)
    {
        var loss = Sample.Loss(text);
        var batch = Sample.Batch(Layout, 200, loss, new SeededRandom(6));
        var baseline = new BaselineLearner(loss, Layout, "offset");
        baseline.Learn(batch);
        var best = (LinearPredictor)baseline.Freeze();
        Assert.True(Mean(0) < Mean(0.01f));
        Assert.True(Mean(0) < Mean(-0.01f));

        double Mean(float moved)
        {
            var model = new LinearPredictor(best.Output, Layout, best.Biases[0] + moved, best.NumericWeights, best.CategoryWeights);
            var scores = Scores(model, batch.Features);
            return Enumerable.Range(0, batch.RowCount).Sum(row => batch.Weights[row] * loss.Of(scores.AsSpan(row, 1), batch.Labels[row]));
        }
    }

    [Fact]
    public void What_takes_no_offset_says_so()
    {
        Assert.Throws<ArgumentException>(() => new FtrlLearner(new Loss.Absolute(), Layout, default, new LinearOptions { Offset = "offset" }));
        Assert.Throws<ArgumentException>(() => new FtrlLearner(new Loss.Squared(), Layout, default, new LinearOptions { Offset = "c" }));
        Assert.Throws<ArgumentException>(() => new BaselineLearner(new Loss.Logistic(), Layout, "offset"));
    }

    static float[] Scores(IPredictor model, FeatureBuffer features)
    {
        var scores = new float[features.RowCount];
        model.Predict(features, scores, model.CreateWorkspace());
        return scores;
    }
}
