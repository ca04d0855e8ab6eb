using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models.Tests.Trees;

namespace Capstan.Models.Tests.Explanations;

/// <summary>Random models of every family over a few features, and rows for them.</summary>
static class ExplainedModels
{
    public static readonly FeatureLayout Layout = new(
    [
        FeatureSpec.Numeric("a"), FeatureSpec.Category("k", 3), FeatureSpec.Numeric("b"), FeatureSpec.Category("m", 5), FeatureSpec.Numeric("c"),
    ]);

    public static TheoryData<string> All => ["linear", "linear classes", "network", "network classes", "deep network", "tanh", "gelu", "normalized", "normalized gelu", "wide and deep", "trees", "trees of classes", "no layers"];

    public static IExplainablePredictor Make(string family) => family switch
    {
        "linear" => Linear(ModelOutput.LogOdds),
        "linear classes" => Linear(ModelOutput.Classes(3)),
        "network" => Network(ModelOutput.Value, 6),
        "network classes" => Network(ModelOutput.Classes(3), 6),
        "deep network" => Network(ModelOutput.LogOdds, 8, 7, 5),
        "tanh" => Network(ModelOutput.LogOdds, Activation.Tanh, [8, 5]),
        "gelu" => Network(ModelOutput.Value, Activation.Gelu, [8, 5]),
        "normalized" => Network(ModelOutput.Classes(3), Activation.Relu, [8, 5], Normalization.Layer),
        "normalized gelu" => Network(ModelOutput.Value, Activation.Gelu, [7], Normalization.Layer),
        "trees" => new BoostedTreesPredictor(ModelOutput.LogOdds, RandomTrees.Of(Layout, 9, 8, new Random(5))),
        "trees of classes" => new BoostedTreesPredictor(ModelOutput.Classes(3), RandomTrees.Of(Layout, 8, 8, new Random(5))),
        "wide and deep" => new WideDeepPredictor(Linear(ModelOutput.LogOdds), Network(ModelOutput.LogOdds, 8, 4)),
        _ => Network(ModelOutput.Value),
    };

    public static LinearPredictor Linear(ModelOutput output)
    {
        var random = new SeededRandom(5);
        return new LinearPredictor(
            output, Layout, Numbers(random, output.Width), Numbers(random, 3 * output.Width), Numbers(random, 8 * output.Width));
    }

    public static DnnPredictor Network(ModelOutput output, params ImmutableArray<int> hidden) => Network(output, Activation.Relu, hidden);

    static DnnPredictor Network(
        ModelOutput output, Activation activation, ImmutableArray<int> hidden, Normalization normalization = Normalization.None)
    {
        var shape = new DnnShape(Layout, [2, 0], hidden, activation, output.Width, normalization);
        var scaling = output.Task == ModelTask.Regression ? new LabelScaling(12, 3) : LabelScaling.Identity;
        return new DnnPredictor(output, shape, Numbers(new SeededRandom(9), shape.ParameterCount), scaling);
    }

    public static FeatureBuffer Rows(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        var rows = new FeatureBuffer(Layout);
        rows.Resize(count);
        for (var row = 0; row < count; row++)
        {
            for (var index = 0; index < 3; index++)
            {
                rows.Numeric(index)[row] = (float)random.NextNormal();
            }

            (rows.Category(0)[row], rows.Category(1)[row]) = (random.NextInt32(3), random.NextInt32(5));
        }

        return rows;
    }

    public static ReferenceRows Reference(int count = 16) => ReferenceRows.Of(Rows(count, seed: 77));

    public static float[] Scores(IPredictor predictor, FeatureBuffer rows)
    {
        var scores = new float[rows.RowCount * predictor.Output.Width];
        predictor.Predict(rows, scores, predictor.CreateWorkspace());
        return scores;
    }

    /// <summary>[rows × scores × features]</summary>
    public static double[] Attribute(IAttributor attributor, FeatureBuffer rows)
    {
        var attributions = new double[rows.RowCount * attributor.BaseScores.Length * AttributionChecks.FeatureCount(rows.Layout)];
        attributor.Attribute(rows, attributions);
        return attributions;
    }

    public static void AssertClose(double[] expected, double[] found, double bound)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second, pair.First - bound, pair.First + bound));
    }

    static ImmutableArray<float> Numbers(SeededRandom random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal() * 0.8f)];
}
