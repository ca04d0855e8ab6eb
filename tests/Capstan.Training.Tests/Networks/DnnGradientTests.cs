using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class DnnGradientTests
{
    public static TheoryData<ModelTask, int[], int, double, ulong> Cases => new()
    {
        { ModelTask.Regression, [5, 4], 9, 0, 1 },
        { ModelTask.Regression, [16], 1, 0, 2 },
        { ModelTask.Regression, [], 30, 0.3, 3 },
        { ModelTask.Regression, [1, 1], 30, 0, 4 },
        { ModelTask.BinaryClassification, [5, 4], 9, 0, 5 },
        { ModelTask.BinaryClassification, [9, 8, 7], 40, 0.2, 6 },
        { ModelTask.BinaryClassification, [20, 17], 131, 0, 7 },
        { ModelTask.BinaryClassification, [], 3, 0, 8 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_parameters_gradient_agrees_with_differences_in_double_precision(
        ModelTask task, int[] hiddenUnits, int rows, double l2, ulong seed) =>
        AssertGradients(Sample.Mixed, Activation.Relu, task, hiddenUnits, rows, l2, seed);

    [Fact]
    public void Without_numeric_features_embeddings_still_learn_exactly() => AssertGradients(
        new FeatureLayout([FeatureSpec.Category("a", 4)]), Activation.Relu, ModelTask.Regression, [6], 20, 0.1, 9);

    [Fact]
    public void Without_categories_weights_still_learn_exactly() => AssertGradients(
        new FeatureLayout([FeatureSpec.Numeric("x")]), Activation.Relu, ModelTask.BinaryClassification, [6], 20, 0, 10);

    [Fact]
    public void Without_any_feature_the_bias_still_learns_exactly() =>
        AssertGradients(new FeatureLayout([]), Activation.Identity, ModelTask.BinaryClassification, [3], 20, 0, 11);

    [Fact]
    public void Layers_without_activation_learn_exactly() =>
        AssertGradients(Sample.Mixed, Activation.Identity, ModelTask.Regression, [6, 5], 20, 0, 12);

    static void AssertGradients(
        FeatureLayout layout, Activation activation, ModelTask task, int[] hiddenUnits, int rows, double l2, ulong seed)
    {
        var options = new DnnOptions { HiddenUnits = [.. hiddenUnits], Activation = activation, L2 = l2, Seed = seed };
        var learner = new DnnLearner(
            task, layout, options, task == ModelTask.Regression ? new LabelScaling(48, 9) : LabelScaling.Identity);
        var batch = Sample.Batch(layout, rows, task, new SeededRandom(seed, 99));
        var model = (DnnPredictor)learner.Freeze();

        var kinks = 0;
        var loss = learner.ComputeGradients(batch);
        learner.AddPenalties();
        var gradients = learner.FlatGradients();

        var parameters = model.Parameters.Select(value => (double)value).ToArray();
        var unit = task == ModelTask.Regression ? 81 : 1;
        var expectedLoss = DoubleNetwork.Objective(model, parameters, batch, 0) * rows * unit;
        Assert.Equal(expectedLoss, loss, 1e-5 * Math.Abs(expectedLoss) + 1e-6);

        // Where a ReLU's sum is exactly 0, any slope between those on both sides is a gradient; elsewhere the two are the same.
        const double Step = 1e-6;
        var here = DoubleNetwork.Objective(model, parameters, batch, l2);
        for (var index = 0; index < parameters.Length; index++)
        {
            var middle = parameters[index];
            parameters[index] = middle + Step;
            var right = (DoubleNetwork.Objective(model, parameters, batch, l2) - here) / Step;
            parameters[index] = middle - Step;
            var left = (here - DoubleNetwork.Objective(model, parameters, batch, l2)) / Step;
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
