using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>Trees that go on from others, on the same features or on those of a later transform.</summary>
public sealed class TreesStartTests
{
    static readonly Loss Squared = new Loss.Squared();

    [Theory]
    [InlineData("squared")]
    [InlineData("absolute")]
    [InlineData("logistic")]
    [InlineData("softmax")]
    public void Trees_grown_in_two_goes_are_those_grown_in_one_to_the_bit(string name)
    {
        var loss = TreeRows.LossOf(name);
        using var rows = TreeRows.Store(loss, 5_000, 1, weighted: true);
        var whole = Trees(TreeRows.Train(rows, loss, new BoostedTreesOptions { Trees = 20 }));
        var first = Trees(TreeRows.Train(rows, loss, new BoostedTreesOptions { Trees = 8 }));
        var both = Trees(new BoostedTreesTraining(TimeProvider.System) { From = first }.Run(
            loss, rows, null, new BoostedTreesOptions { Trees = 12 }, null, CancellationToken.None));
        Assert.Equal(whole.Nodes.Length, both.Nodes.Length);
        Assert.Equal(whole.SplitCounts, both.SplitCounts);
        Assert.Equal(whole.LeafValues, both.LeafValues);
        var other = TreeRows.Batch(loss, 500, 2).Features;
        Assert.Equal(new BoostedTreesPredictor(loss.Output, whole).Scores(other), new BoostedTreesPredictor(loss.Output, both).Scores(other));
    }

    [Fact]
    public void Trees_over_other_features_are_refused()
    {
        using var rows = TreeRows.Store(Squared, 100, 1);
        var other = TreeEnsemble.Constant(new FeatureLayout([FeatureSpec.Numeric("x")]), 1);
        Assert.Contains("Carry them over first", Assert.Throws<ArgumentException>(() =>
            new BoostedTreesTraining(TimeProvider.System) { From = other }.Run(
                Squared, rows, null, BoostedTreesOptions.Default, null, CancellationToken.None)).Message);
    }

    [Fact]
    public void Grown_vocabularies_and_rescaled_numbers_are_scored_as_before()
    {
        var schema = new Schema([new Field("n", DataType.Float64), new Field("t", DataType.Text)]);
        var earlier = Transform(schema, "(n - 4) / 2", "vocabulary(t, ['a', 'b', 'c'])");
        // The slope turns around: what was at most a threshold is at least one now.
        var later = Transform(schema, "(n - 1) / -4", "vocabulary(t, ['c', 'd', 'a', 'b'])");
        var trees = GrownOn(earlier);
        var carried = TreesStart.Carry(trees, new FeatureMatching(earlier, later), new Dictionary<string, float>());
        var (was, now) = (Scores(earlier, trees), Scores(later, new BoostedTreesPredictor(ModelOutput.Value, carried)));
        Assert.Equal(was, now);
        Assert.True(was.Distinct().Count() > 20);
    }

    [Fact]
    public void Features_that_are_gone_are_named()
    {
        var schema = new Schema([new Field("n", DataType.Float64), new Field("t", DataType.Text)]);
        var earlier = Transform(schema, "n", "vocabulary(t, ['a', 'b', 'c'])");
        var later = new FrozenTransform(schema, [new("number", ExprParser.Parse("n"))]);
        Assert.Contains("'text', which the new features no longer have", Assert.Throws<ArgumentException>(
            () => TreesStart.Carry(GrownOn(earlier), new FeatureMatching(earlier, later), new Dictionary<string, float>())).Message);
    }

    [Theory]
    [InlineData("squared", 2.5)]
    [InlineData("poisson", 2.5)]
    [InlineData("gamma", 2.5)]
    [InlineData("logistic", 2.5)]
    public void An_offset_is_part_of_every_score_and_never_split_on(string name, double moved)
    {
        var loss = TreeRows.LossOf(name);
        var batch = TreeRows.Batch(loss, 4_000, 3);
        using var rows = TreeRows.Store(batch);
        using var validation = TreeRows.Store(TreeRows.Batch(loss, 1_000, 4));
        var options = new BoostedTreesOptions { Trees = 30, Offset = "y" };
        var result = TreeRows.Train(rows, loss, options, validation);
        var predictor = (BoostedTreesPredictor)result.Predictor;
        Assert.DoesNotContain(predictor.Trees.Nodes, node => node.Feature == 1);
        // What validation reported is what the predictor says of the same rows, offset included.
        Assert.Equal(result.Best.ValidationLoss!.Value, TreeRows.MeanLoss(loss, predictor, validation), 1e-5);
        var before = predictor.Scores(batch.Features);
        foreach (ref var offset in batch.Features.Numeric(1))
        {
            offset += (float)moved;
        }

        Assert.All(before.Zip(predictor.Scores(batch.Features)), pair => Assert.Equal(moved, pair.Second - pair.First, 1e-4));
    }

    static TreeEnsemble Trees(TrainingResult result) => ((BoostedTreesPredictor)result.Predictor).Trees;

    static FrozenTransform Transform(Schema schema, string number, string text) =>
        new(schema, [new("number", ExprParser.Parse(number)), new("text", ExprParser.Parse(text))]);

    static BoostedTreesPredictor GrownOn(FrozenTransform transform)
    {
        var batch = new TrainingBatch(transform.Output);
        var features = Features(transform);
        batch.Resize(features.RowCount);
        features.Numeric(0).CopyTo(batch.Features.Numeric(0));
        features.Category(0).CopyTo(batch.Features.Category(0));
        for (var row = 0; row < batch.RowCount; row++)
        {
            batch.Labels[row] = MathF.Sin(features.Numeric(0)[row]) + features.Category(0)[row] * 2 % 3;
            batch.Weights[row] = 1;
        }

        using var rows = TreeRows.Store(batch);
        return (BoostedTreesPredictor)TreeRows.Train(rows, Squared, new BoostedTreesOptions { Trees = 30, CategorySmoothing = 0, CategoryL2 = 0 })
            .Predictor;
    }

    static float[] Scores(FrozenTransform transform, BoostedTreesPredictor predictor) => predictor.Scores(Features(transform));

    static FeatureBuffer Features(FrozenTransform transform)
    {
        var builder = new BatchBuilder(transform.Input);
        string[] terms = ["a", "b", "c", "d"];
        for (var row = 0; row < 2_000; row++)
        {
            builder.Columns[0].Append(row % 97 * 0.25);
            builder.Columns[1].Append(terms[row % 4]);
        }

        var features = new FeatureBuffer(transform.Output);
        transform.Apply(builder.Batch, features, transform.CreateWorkspace());
        return features;
    }
}
