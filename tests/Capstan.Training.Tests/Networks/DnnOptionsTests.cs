using Capstan.Data;

namespace Capstan.Training.Tests.Networks;

public sealed class DnnOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => new DnnOptions().Validate();

    [Fact]
    public void All_errors_are_reported_together_with_what_was_found()
    {
        var options = new DnnOptions
        {
            HiddenUnits = [4, 0],
            Activation = (Activation)77,
            Optimizer = (NetworkOptimizer)78,
            EmbeddingDimension = 0,
            LearningRate = double.NaN,
            Beta1 = 1,
            Beta2 = -0.5,
            Epsilon = 0,
            L2 = -1,
            MaxGradientNorm = 0,
            WarmupSteps = -1,
            DecaySteps = -2,
        };
        var message = Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.All(
            [
                "HiddenUnits is 4, 0", "Activation is 77", "Optimizer is 78", "EmbeddingDimension is 0", "LearningRate is NaN",
                "Beta1 is 1", "Beta2 is -0.5", "Epsilon is 0", "L2 is -1", "MaxGradientNorm is 0", "WarmupSteps is -1",
                "DecaySteps is -2",
            ],
            part => Assert.Contains(part, message));
    }

    [Fact]
    public void Hidden_units_left_out_altogether_are_reported() =>
        Assert.Contains("HiddenUnits is missing",
            Assert.Throws<ArgumentException>(new DnnOptions { HiddenUnits = default }.Validate).Message);

    // 1.6 · 2^0.56 = 2.36; 1.6 · 10^0.56 = 5.81; 1.6 · 100^0.56 = 21.09.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(10, 6)]
    [InlineData(100, 21)]
    [InlineData(1_000_000, 32)]
    public void Embeddings_grow_with_cardinality_up_to_32(int cardinality, int expected) =>
        Assert.Equal(expected, new DnnOptions().EmbeddingDimensionOf(cardinality));

    [Fact]
    public void A_chosen_embedding_dimension_holds_for_every_feature() =>
        Assert.Equal([3, 3], new DnnOptions { EmbeddingDimension = 3 }.ShapeFor(Sample.Mixed).EmbeddingDimensions);

    [Fact]
    public void The_rate_is_constant_unless_a_schedule_is_chosen()
    {
        Assert.Equal(1, new DnnOptions().RateFactorAt(1));
        Assert.Equal(1, new DnnOptions().RateFactorAt(1_000_000));
    }

    [Fact]
    public void The_rate_rises_linearly_and_falls_along_a_cosine_to_one_percent()
    {
        var options = new DnnOptions { WarmupSteps = 10, DecaySteps = 110 };
        Assert.Equal(0.1, options.RateFactorAt(1), 1e-12);
        Assert.Equal(0.5, options.RateFactorAt(5), 1e-12);
        Assert.Equal(1, options.RateFactorAt(10), 1e-12);
        Assert.Equal(0.505, options.RateFactorAt(60), 1e-12);
        Assert.Equal(0.01, options.RateFactorAt(110), 1e-12);
        Assert.Equal(0.01, options.RateFactorAt(1_000), 1e-12);
    }
}
