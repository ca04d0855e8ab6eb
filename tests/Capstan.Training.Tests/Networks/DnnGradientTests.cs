using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class DnnGradientTests
{
    public static TheoryData<string, int[], int, double, ulong> Cases => new()
    {
        { "squared", [5, 4], 9, 0, 1 },
        { "squared", [16], 1, 0, 2 },
        { "squared", [], 30, 0.3, 3 },
        { "squared", [1, 1], 30, 0, 4 },
        { "logistic", [5, 4], 9, 0, 5 },
        { "logistic", [9, 8, 7], 40, 0.2, 6 },
        { "logistic", [20, 17], 131, 0, 7 },
        { "logistic", [], 3, 0, 8 },
        { "absolute", [6], 40, 0, 9 },
        { "huber(5)", [6], 40, 0.1, 10 },
        { "quantile(0.9)", [6], 40, 0, 11 },
        { "poisson", [6], 40, 0, 12 },
        { "gamma", [6], 40, 0.1, 13 },
        { "softmax(2)", [6], 40, 0, 14 },
        { "softmax(5)", [7, 9], 131, 0.1, 15 },
        { "softmax(11)", [], 20, 0, 16 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_parameters_gradient_agrees_with_differences_in_double_precision(
        string loss, int[] hiddenUnits, int rows, double l2, ulong seed) =>
        AssertGradients(Sample.Mixed, Activation.Relu, Sample.Loss(loss), hiddenUnits, rows, l2, seed);

    [Fact]
    public void Without_numeric_features_embeddings_still_learn_exactly() => AssertGradients(
        new FeatureLayout([FeatureSpec.Category("a", 4)]), Activation.Relu, new Loss.Squared(), [6], 20, 0.1, 9);

    [Fact]
    public void Without_categories_weights_still_learn_exactly() => AssertGradients(
        new FeatureLayout([FeatureSpec.Numeric("x")]), Activation.Relu, new Loss.Logistic(), [6], 20, 0, 10);

    [Fact]
    public void Without_any_feature_the_bias_still_learns_exactly() =>
        AssertGradients(new FeatureLayout([]), Activation.Identity, new Loss.Logistic(), [3], 20, 0, 11);

    [Fact]
    public void Layers_without_activation_learn_exactly() =>
        AssertGradients(Sample.Mixed, Activation.Identity, new Loss.Squared(), [6, 5], 20, 0, 12);

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Gelu)]
    public void Layers_under_smooth_activations_learn_exactly(Activation activation)
    {
        AssertGradients(Sample.Mixed, activation, new Loss.Squared(), [6, 5], 20, 0, 13);
        AssertGradients(Sample.Mixed, activation, new Loss.Softmax(3), [9], 150, 0.1, 14);
    }

    [Theory]
    [InlineData(Activation.Identity)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Gelu)]
    public void Normalised_layers_learn_exactly(Activation activation)
    {
        AssertGradients(Sample.Mixed, activation, new Loss.Squared(), [6, 5], 20, 0, 13, Normalization.Layer);
        AssertGradients(Sample.Mixed, activation, new Loss.Softmax(3), [9], 150, 0.1, 14, Normalization.Layer);
        AssertGradients(Sample.Mixed, activation, new Loss.Logistic(), [20, 17, 3], 131, 0, 15, Normalization.Layer);
    }

    static void AssertGradients(
        FeatureLayout layout, Activation activation, Loss loss, int[] hiddenUnits, int rows, double l2, ulong seed,
        Normalization normalization = Normalization.None)
    {
        var options = new DnnOptions
        {
            HiddenUnits = [.. hiddenUnits], Activation = activation, L2 = l2, Seed = seed, Normalization = normalization,
        };
        var learner = new DnnLearner(
            loss, layout, options, loss.Output.Link switch
            {
                Link.Identity => new LabelScaling(48, 9),
                Link.Log => new LabelScaling(1.5f, 1),
                _ => LabelScaling.Identity,
            });
        var batch = Sample.Batch(layout, rows, loss, new SeededRandom(seed, 99));
        var model = (DnnPredictor)learner.Freeze();

        var kinks = 0;
        var sum = learner.ComputeGradients(batch);
        learner.AddPenalties();
        var gradients = learner.FlatGradients();

        var parameters = model.Parameters.Select(value => (double)value).ToArray();
        var unit = loss is Loss.Squared or Loss.Huber ? 81 : loss.Output.Link == Link.Identity ? 9 : 1;
        var expectedLoss = DoubleNetwork.Objective(loss, model, parameters, batch, 0) * rows * unit;
        Assert.Equal(expectedLoss, sum, 1e-5 * Math.Abs(expectedLoss) + 1e-6);

        // Where a ReLU's sum is exactly 0, any slope between those on both sides is a gradient; elsewhere the two are the same.
        const double Step = 1e-6;
        var here = DoubleNetwork.Objective(loss, model, parameters, batch, l2);
        for (var index = 0; index < parameters.Length; index++)
        {
            var middle = parameters[index];
            parameters[index] = middle + Step;
            var right = (DoubleNetwork.Objective(loss, model, parameters, batch, l2) - here) / Step;
            parameters[index] = middle - Step;
            var left = (here - DoubleNetwork.Objective(loss, model, parameters, batch, l2)) / Step;
            parameters[index] = middle;
            var tolerance = 3e-5 * Math.Max(1, Math.Abs(right));
            Assert.True(
                gradients[index] >= Math.Min(left, right) - tolerance && gradients[index] <= Math.Max(left, right) + tolerance,
                $"Parameter {index}: differences give {left} and {right}, the backward pass {gradients[index]}.");
            kinks += Math.Abs(left - right) > tolerance ? 1 : 0;
        }

        // Else the test would prove little.
        Assert.True(kinks <= parameters.Length / 4, $"{kinks} of {parameters.Length} parameters are at a kink.");
    }
}
