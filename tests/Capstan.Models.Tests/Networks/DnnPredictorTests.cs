using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Networks;

public sealed class DnnPredictorTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("x"), FeatureSpec.Category("c", 2)]);
    static readonly DnnShape Shape = new(Layout, [1], [2], Activation.Relu);

    // Embeddings 10 and 20; hidden units relu(x + c + 1) and relu(−x); output 2 h₀ + 3 h₁ − 5.
    static readonly DnnPredictor Model = new(
        ModelOutput.Value, Shape, [10, 20, 1, -1, 1, 0, 1, 0, 2, 3, -5], LabelScaling.Identity);

    [Fact]
    public void A_network_computed_by_hand() => Assert.Equal([19, 38], Predict(Model, Rows((1, 0), (-1, 1))));

    [Fact]
    public void Regression_scores_are_in_the_labels_unit() =>
        Assert.Equal([1019],
            Predict(new DnnPredictor(ModelOutput.Value, Shape, Model.Parameters, new LabelScaling(981, 2)), Rows((1, 0))));

    [Fact]
    public void No_rows_give_no_scores() => Assert.Empty(Predict(Model, Rows()));

    [Fact]
    public void A_network_of_nothing_gives_its_bias()
    {
        var shape = new DnnShape(new FeatureLayout([]), [], [], Activation.Relu);
        var features = new FeatureBuffer(shape.Features);
        features.Resize(3);
        Assert.Equal([7, 7, 7], Predict(new DnnPredictor(ModelOutput.Value, shape, [7], LabelScaling.Identity), features));
    }

    [Fact]
    public void A_category_out_of_range_is_named()
    {
        var error = Assert.Throws<ArgumentException>(() => Predict(Model, Rows((0, 0), (0, 2))));
        Assert.Contains("Row 1", error.Message);
        Assert.Contains("category 2 in feature 'c'", error.Message);
        Assert.Contains("0 to 1", error.Message);
        Assert.Throws<ArgumentException>(() => Predict(Model, Rows((0, -1))));
    }

    [Fact]
    public void Parameters_must_fit_the_shape_and_be_finite()
    {
        Assert.Contains("needs 11 parameters; there are 1", Refused(ModelOutput.Value, [1], LabelScaling.Identity));
        Assert.Contains("Parameter 3 is NaN", Refused(
            ModelOutput.Value, [.. Model.Parameters[..3], float.NaN, .. Model.Parameters[4..]], LabelScaling.Identity));
    }

    [Fact]
    public void A_scaling_must_be_possible_and_a_classifier_has_none()
    {
        Assert.Contains("Scale = 0", Refused(ModelOutput.Value, [.. Model.Parameters], new LabelScaling(1, 0)));
        Assert.Contains("is no scaling", Refused(ModelOutput.Value, [.. Model.Parameters], new LabelScaling(float.NaN, 1)));
        Assert.Contains("not scaled", Refused(ModelOutput.LogOdds, [.. Model.Parameters], new LabelScaling(1, 1)));
    }

    [Fact]
    public void Workspaces_scores_and_features_must_be_the_predictors_own()
    {
        var other = new DnnPredictor(ModelOutput.Value, Shape, Model.Parameters, LabelScaling.Identity);
        Assert.Throws<ArgumentException>(() => Model.Predict(Rows((1, 0)), new float[1], other.CreateWorkspace()));
        Assert.Throws<ArgumentException>(() => Model.Predict(Rows((1, 0)), new float[1], PredictorWorkspace.None));
        Assert.Throws<ArgumentException>(() => Model.Predict(Rows((1, 0)), new float[2], Model.CreateWorkspace()));
        var strange = new FeatureBuffer(new FeatureLayout([FeatureSpec.Numeric("y"), FeatureSpec.Category("c", 2)]));
        strange.Resize(1);
        Assert.Throws<ArgumentException>(() => Model.Predict(strange, new float[1], Model.CreateWorkspace()));
    }

    [Fact]
    public void Predicting_allocates_nothing_after_warm_up()
    {
        var (features, scores, workspace) = (
            Rows([.. Enumerable.Range(0, 300).Select(row => ((float)row, row & 1))]), new float[300], Model.CreateWorkspace());
        Model.Predict(features, scores, workspace);
        Assert.Equal(0, Allocations.Of(() => Model.Predict(features, scores, workspace)));
    }

    [Fact]
    public void A_network_that_is_read_to_predict_holds_its_weights_once()
    {
        var shape = new DnnShape(new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Category("c", 3000)]), [32], [256, 240], Activation.Relu);
        var bytes = PredictorCodec.ToBytes(new DnnPredictor(ModelOutput.Value, shape, [.. new float[shape.ParameterCount]], LabelScaling.Identity));
        var features = new FeatureBuffer(shape.Features);
        features.Resize(1);
        var scores = new float[1];
        var allocated = Allocations.Of(() =>
        {
            var read = (DnnPredictor)PredictorCodec.FromBytes(bytes, shape.Features);
            read.Predict(features, scores, read.CreateWorkspace());
        });
        Assert.InRange(allocated, 4L * shape.ParameterCount, 4L * shape.ParameterCount * 5 / 4);
    }

    static string Refused(ModelOutput output, float[] parameters, LabelScaling scaling) =>
        Assert.Throws<ArgumentException>(() => new DnnPredictor(output, Shape, [.. parameters], scaling)).Message;

    static FeatureBuffer Rows(params (float X, int Category)[] rows)
    {
        var features = new FeatureBuffer(Layout);
        features.Resize(rows.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            (features.Numeric(0)[row], features.Category(0)[row]) = rows[row];
        }

        return features;
    }

    static float[] Predict(DnnPredictor model, FeatureBuffer features)
    {
        var scores = new float[features.RowCount];
        model.Predict(features, scores, model.CreateWorkspace());
        return scores;
    }
}
