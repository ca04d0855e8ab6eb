using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Networks;

public sealed class DnnShapeTests
{
    static readonly FeatureLayout Layout = new(
        [FeatureSpec.Numeric("x"), FeatureSpec.Category("a", 5), FeatureSpec.Numeric("y"), FeatureSpec.Category("b", 3)]);

    [Fact]
    public void Parts_lie_one_after_the_other()
    {
        var shape = new DnnShape(Layout, [2, 4], [7], Activation.Relu);
        Assert.Equal([0, 10], [shape.EmbeddingOffset(0), shape.EmbeddingOffset(1)]);
        Assert.Equal(22, shape.EmbeddingParameterCount);
        Assert.Equal([8, 7], [shape.Inputs(0), shape.Inputs(1)]);
        Assert.Equal([7, 1], [shape.Outputs(0), shape.Outputs(1)]);
        Assert.Equal([22, 78, 85, 92], [shape.WeightOffset(0), shape.BiasOffset(0), shape.WeightOffset(1), shape.BiasOffset(1)]);
        Assert.Equal(93, shape.ParameterCount);
        Assert.Equal([Activation.Relu, Activation.Identity], [shape.ActivationAfter(0), shape.ActivationAfter(1)]);
    }

    [Fact]
    public void No_features_and_no_hidden_layers_leave_one_bias()
    {
        var shape = new DnnShape(new FeatureLayout([]), [], [], Activation.Relu);
        Assert.Equal(1, shape.LayerCount);
        Assert.Equal(1, shape.ParameterCount);
    }

    [Fact]
    public void Sizes_that_can_not_be_are_refused_with_their_values()
    {
        Assert.Contains("1 embedding dimensions for 2", Message(() => new DnnShape(Layout, [2], [7], Activation.Relu)));
        Assert.Contains("hidden units [7, 0]", Message(() => new DnnShape(Layout, [2, 2], [7, 0], Activation.Relu)));
        Assert.Contains("Embedding dimensions [2, -1]", Message(() => new DnnShape(Layout, [2, -1], [7], Activation.Relu)));
        Assert.Contains("Activation 9", Message(() => new DnnShape(Layout, [2, 2], [7], (Activation)9)));
    }

    [Fact]
    public void More_parameters_than_an_array_holds_are_refused()
    {
        var huge = new FeatureLayout([FeatureSpec.Category("id", int.MaxValue)]);
        Assert.Contains("smaller vocabularies", Message(() => new DnnShape(huge, [2], [1], Activation.Relu)));
    }

    static string Message(Func<DnnShape> make) => Assert.Throws<ArgumentException>(make).Message;
}
