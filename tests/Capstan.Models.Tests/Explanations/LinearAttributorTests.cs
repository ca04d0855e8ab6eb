using Capstan.Features;

namespace Capstan.Models.Tests.Explanations;

public sealed class LinearAttributorTests
{
    [Fact]
    public void A_model_explained_by_hand()
    {
        var layout = new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Category("c", 2)]);
        var rows = new FeatureBuffer(layout);
        rows.Resize(2);
        (rows.Numeric(0)[0], rows.Numeric(0)[1], rows.Category(0)[0], rows.Category(0)[1]) = (1, 3, 0, 1);
        // Score 10 + 2x + {4, −2}; the reference has x = 1 and 3 and one row of each category.
        var attributor = new LinearPredictor(ModelOutput.Value, layout, 10, [2], [4, -2]).CreateAttributor(ReferenceRows.Of(rows));
        Assert.Equal([10 + 2 * 2 + 1], attributor.BaseScores);
        Assert.Equal([2 * (1 - 2), 4 - 1, 2 * (3 - 2), -2 - 1], ExplainedModels.Attribute(attributor, rows));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("linear classes")]
    public void In_a_sum_every_order_gives_the_same_so_sampled_Shapley_values_are_exact(string family)
    {
        var (predictor, rows) = (ExplainedModels.Make(family), ExplainedModels.Rows(50, seed: 3));
        var (exact, sampled) = (predictor.CreateAttributor(ExplainedModels.Reference()), new SampledShapley(predictor, ExplainedModels.Reference()));
        ExplainedModels.AssertClose([.. exact.BaseScores], [.. sampled.BaseScores], 1e-6);
        ExplainedModels.AssertClose(ExplainedModels.Attribute(exact, rows), ExplainedModels.Attribute(sampled, rows), 2e-6);
    }
}
