using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training.Tests.Networks;

public sealed class DropoutTests
{
    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Identity)]
    public void A_step_along_the_gradient_lowers_the_loss_of_the_same_batch_and_mask(Activation activation)
    {
        var options = new DnnOptions { HiddenUnits = [16, 8], Activation = activation, Dropout = 0.4, Optimizer = NetworkOptimizer.Sgd, Momentum = 0, LearningRate = 0.05 };
        var learner = new DnnLearner(new Loss.Logistic(), Sample.Mixed, options, LabelScaling.Identity);
        var batch = Sample.Batch(Sample.Mixed, 60, new Loss.Logistic(), new SeededRandom(1));
        // The mask is the batch's, which Learn counts: what follows is all of one batch.
        var before = learner.ComputeGradients(batch);
        Assert.Equal(before, learner.ComputeGradients(batch));
        var squares = learner.FlatGradients().Sum(g => (double)g * g);
        learner.Step();
        // To first order the loss falls by rows × rate × |gradient|².
        Assert.Equal(60 * 0.05 * squares, before - learner.ComputeGradients(batch), 0.25 * 60 * 0.05 * squares);
    }

    [Fact]
    public void Prediction_drops_nothing()
    {
        var options = new DnnOptions { HiddenUnits = [16], Dropout = 0.9 };
        var plain = new DnnLearner(new Loss.Logistic(), Sample.Mixed, new DnnOptions { HiddenUnits = [16] }, LabelScaling.Identity);
        var dropping = new DnnLearner(new Loss.Logistic(), Sample.Mixed, options, LabelScaling.Identity);
        var rows = Sample.Batch(Sample.Mixed, 30, new Loss.Logistic(), new SeededRandom(1)).Features;
        Assert.Equal(plain.Predict(rows), dropping.Predict(rows));
    }
}
