using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Onnx;
using Capstan.Models.Tests.Artifacts;

namespace Capstan.Models.Tests.Onnx;

/// <summary>Whole models in ONNX Runtime: raw columns in, predictions out.</summary>
public sealed class OnnxModelExportTests
{
    [Fact]
    public void A_linear_models_score_equals_ours_to_the_bit()
    {
        var (artifact, rows) = (SmallModels.Linear(), SmallModels.Rows(500));
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var found = model.Run(rows);
        Assert.Equal(["score", "probability"], model.Outputs);
        Assert.Equal(RawScores(artifact, rows), found["score"]);
    }

    [Fact]
    public void A_probability_differs_from_ours_by_less_than_two_ten_millionths()
    {
        var (artifact, rows) = (SmallModels.Linear(), SmallModels.Rows(500));
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var (expected, found) = (new float[rows.RowCount], (float[])model.Run(rows)["probability"]);
        new ModelScorer(artifact.Transform, artifact.Predictor).Score(rows, expected);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second, pair.First - 2e-7f, pair.First + 2e-7f));
        Assert.True(found.Distinct().Count() > 100, "The rows have too few different predictions to compare anything.");
    }

    // The random networks of seeds 1 and 4 tell too few of these rows apart to show anything.
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(2, true)]
    public void A_networks_score_differs_by_rounding_only(int seed, bool isWideToo)
    {
        var (artifact, rows) = (isWideToo ? SmallModels.WideDeep(seed) : SmallModels.Dnn(seed), SmallModels.Rows(500));
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var (expected, found) = (RawScores(artifact, rows), (float[])model.Run(rows)["score"]);
        Assert.Equal(["score"], model.Outputs);
        // One input is a minute of the day, up to 1,439 and not scaled: its roundings are worth 1e-4 before the weights make them small.
        Assert.All(expected.Zip(found), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5f * Math.Max(1, Math.Abs(pair.First))));
        Assert.True(found.Distinct().Count() > 100, "The rows have too few different predictions to compare anything.");
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, false)]
    [InlineData(4, 3, false)]
    [InlineData(5, 1, true)]
    [InlineData(2, 1, true)]
    public void The_scores_of_trees_are_ours_but_for_the_last_place(int seed, int classes, bool missing)
    {
        var (artifact, rows) = (missing ? SmallModels.TreesOfMissing(seed) : SmallModels.Trees(seed, classes), SmallModels.Rows(500));
        Assert.True(!missing || !RawScores(artifact, rows).SequenceEqual(RawScores(SmallModels.Trees(seed, classes), rows)));
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var (expected, found) = (RawScores(artifact, rows), (float[])model.Run(rows)[classes == 1 ? "score" : "scores"]);
        Assert.All(expected.Zip(found), pair => Assert.InRange(
            pair.Second, MathF.BitDecrement(pair.First), MathF.BitIncrement(pair.First)));
        Assert.True(found.Distinct().Count() > 5, "The rows have too few different predictions to compare anything.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_calibrated_models_score_and_probability_differ_by_rounding_only(bool isIsotonic)
    {
        var artifact = SmallModels.Calibrated(1, isIsotonic ? null : new ScoreCalibration.Platt(0.5f, -0.125f));
        var rows = SmallModels.Rows(500);
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var (expected, found) = (RawScores(artifact, rows), model.Run(rows));
        Assert.Equal(["score", "probability"], model.Outputs);
        Assert.All(expected.Zip((float[])found["score"]), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-6f * Math.Max(1, Math.Abs(pair.First))));
        Assert.True(expected.Distinct().Count() > 100, "The rows have too few different predictions to compare anything.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scores_and_probabilities_of_several_classes_are_ours(bool network)
    {
        var (artifact, rows) = (SmallModels.Classes(2, network), SmallModels.Rows(500));
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var found = model.Run(rows);
        Assert.Equal(["scores", "probabilities"], model.Outputs);
        var (scores, probabilities) = (RawScores(artifact, rows), new float[rows.RowCount * 3]);
        new ModelScorer(artifact.Transform, artifact.Predictor).Score(rows, probabilities);
        // A linear model's sums are the same sums; a network's run in another order over inputs up to 1,439.
        var bound = network ? 1e-4f : 0f;
        Assert.All(scores.Zip((float[])found["scores"]), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, bound));
        Assert.All(
            probabilities.Zip((float[])found["probabilities"]),
            pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, bound + 3e-7f));
        Assert.True(scores.Distinct().Count() > 100, "The rows have too few different predictions to compare anything.");
    }

    [Fact]
    public void A_network_without_hidden_layers_or_categories_is_exported()
    {
        var schema = new Schema([new Field("score", DataType.Float64)]);
        var transform = new FrozenTransform(schema, [("x", ExprParser.Parse("score + 1"))]);
        var network = new DnnPredictor(
            ModelOutput.Value, new DnnShape(transform.Output, [], [], Activation.Relu), [2f, 0.5f], LabelScaling.Identity);
        var artifact = SmallModels.Dnn() with { Transform = transform, Predictor = network };
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var rows = new BatchBuilder(schema);
        rows.Columns[0].Append(3.0);
        Assert.Equal(["score_"], model.Outputs);
        Assert.Equal([8.5f], (float[])model.Run(rows.Batch)["score_"]);
    }

    [Theory]
    [InlineData(Activation.Tanh, Normalization.None)]
    [InlineData(Activation.Gelu, Normalization.None)]
    [InlineData(Activation.Relu, Normalization.Layer)]
    [InlineData(Activation.Gelu, Normalization.Layer)]
    public void Smooth_activations_and_normalised_layers_are_exported(Activation activation, Normalization normalization)
    {
        var (artifact, rows) = (SmallModels.Dnn(2), SmallModels.Rows(500));
        var network = (DnnPredictor)artifact.Predictor;
        var shape = new DnnShape(network.Features, network.Shape.EmbeddingDimensions, network.Shape.HiddenUnits, activation, 1, normalization);
        // More are needed for gains and shifts; those that are there do again.
        var count = network.Parameters.Length;
        // Small weights: under these activations the minutes of a day would leave every unit at its end.
        artifact = artifact with
        {
            Predictor = new DnnPredictor(
                network.Output, shape, [.. Enumerable.Range(0, shape.ParameterCount).Select(index => network.Parameters[index % count] * 0.02f)], new LabelScaling(0, 100)),
        };
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        var (expected, found) = (RawScores(artifact, rows), (float[])model.Run(rows)["score"]);
        Assert.All(expected.Zip(found), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-4f * Math.Max(1, Math.Abs(pair.First))));
        Assert.True(found.Distinct().Count() > 100, "The rows have too few different predictions to compare anything.");
    }

    [Fact]
    public void One_row_alone_has_the_score_it_has_in_a_batch()
    {
        var artifact = SmallModels.Linear();
        using var model = new OnnxModel(OnnxModelExport.Export(artifact));
        Assert.Equal(((float[])model.Run(SmallModels.Rows(40))["score"])[..1], (float[])model.Run(SmallModels.Rows(1))["score"]);
    }

    [Fact]
    public void A_predictor_without_operators_is_refused_by_name()
    {
        var artifact = SmallModels.Linear();
        var refusal = Assert.Throws<OnnxNotSupportedException>(
            () => OnnxModelExport.Export(artifact with { Predictor = new Unheard(artifact.Transform.Output) }));
        Assert.Equal("Unheard", refusal.What);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes() =>
        Assert.Equal(OnnxModelExport.Export(SmallModels.Dnn()), OnnxModelExport.Export(SmallModels.Dnn()));

    static float[] RawScores(ModelArtifact artifact, ColumnBatch rows)
    {
        var scores = new float[rows.RowCount * artifact.Predictor.Output.Width];
        new ModelScorer(artifact.Transform, artifact.Predictor).ScoreRaw(rows, scores);
        return scores;
    }

    sealed class Unheard(FeatureLayout features) : IPredictor
    {
        public ModelOutput Output => ModelOutput.Value;

        public FeatureLayout Features { get; } = features;

        public PredictorWorkspace CreateWorkspace() => PredictorWorkspace.None;

        public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace) => scores.Clear();
    }
}
