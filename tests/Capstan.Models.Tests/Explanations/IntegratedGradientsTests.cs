using Capstan.Features;

namespace Capstan.Models.Tests.Explanations;

public sealed class IntegratedGradientsTests
{
    [Fact]
    public void A_kink_half_way_counts_for_half()
    {
        // relu(x) from −1 to 1: the gradient is 0 for half of the way and 1 for the other, so of the difference 2 the sum is 1.
        var shape = new DnnShape(new FeatureLayout([FeatureSpec.Numeric("x")]), [], [1], Capstan.Data.Activation.Relu);
        var network = new DnnPredictor(ModelOutput.Value, shape, [1, 0, 1, 0], LabelScaling.Identity);
        var rows = new FeatureBuffer(shape.Features);
        rows.Resize(1);
        rows.Numeric(0)[0] = -1;
        var attributor = network.CreateAttributor(ReferenceRows.Of(rows));
        rows.Numeric(0)[0] = 1;
        Assert.Equal([0], attributor.BaseScores);
        Assert.Equal(1, ExplainedModels.Attribute(attributor, rows)[0], 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(IntegratedGradients.DefaultSteps)]
    public void Completeness_holds_with_any_number_of_steps(int steps)
    {
        var (network, rows) = ((DnnPredictor)ExplainedModels.Make("deep network"), ExplainedModels.Rows(100, seed: 4));
        var attributor = new IntegratedGradients(network, ExplainedModels.Reference(), steps);
        var (scores, attributions) = (ExplainedModels.Scores(network, rows), ExplainedModels.Attribute(attributor, rows));
        Assert.All(Enumerable.Range(0, 100), row => Assert.Equal(
            scores[row], attributor.BaseScores[0] + attributions[(row * 5)..(row * 5 + 5)].Sum(), 1e-5 * (1 + Math.Abs(scores[row]))));
    }

    [Theory]
    [InlineData("network")]
    [InlineData("deep network")]
    [InlineData("tanh")]
    [InlineData("gelu")]
    public void The_definition_integrated_numerically_gives_the_same(string family)
    {
        var (network, rows, reference) = ((DnnPredictor)ExplainedModels.Make(family), ExplainedModels.Rows(6, seed: 4), ExplainedModels.Reference());
        var fine = ExplainedModels.Attribute(new IntegratedGradients(network, reference, 1024), rows);
        var usual = ExplainedModels.Attribute(new IntegratedGradients(network, reference), rows);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var expected = IntegratedGradientsReference.Attribute(network, rows, row, reference, steps: 2000);
            var size = expected.Sum(Math.Abs);
            ExplainedModels.AssertClose(expected, fine[(row * 5)..(row * 5 + 5)], 1e-3 * size);
            // The stated error of the usual number of steps: how the sum is shared, relative to all that is shared.
            ExplainedModels.AssertClose(expected, usual[(row * 5)..(row * 5 + 5)], 0.01 * size);
        }
    }

    [Fact]
    public void A_network_without_hidden_layers_is_linear_and_explained_exactly()
    {
        var (network, rows) = (ExplainedModels.Make("no layers"), ExplainedModels.Rows(50, seed: 5));
        var (own, sampled) = (network.CreateAttributor(ExplainedModels.Reference()), new SampledShapley(network, ExplainedModels.Reference()));
        ExplainedModels.AssertClose(ExplainedModels.Attribute(sampled, rows), ExplainedModels.Attribute(own, rows), 2e-5);
    }

    [Fact]
    public void A_feature_that_is_no_input_gets_nothing() => Assert.All(
        ExplainedModels.Attribute(ExplainedModels.Make("network").CreateAttributor(ExplainedModels.Reference()), ExplainedModels.Rows(30, seed: 6))
            .Where((_, index) => index % 5 == 4),
        attribution => Assert.Equal(0, attribution));
}
