using System.Collections.Immutable;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Tests.Guards;

public sealed class LearningCheckTests
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(3, 10);
    static readonly LabelMoments Halves = new(1000, 1000, 0.5, 250);

    [Fact]
    public void A_loss_that_rises_hints_at_the_learning_rate()
    {
        var warning = Assert.Single(Warnings(new Loss.Logistic(), Halves, 0.4, 0.3, 0.5));
        Assert.Equal(TrainingWarningKind.LearningRate, warning.Kind);
        Assert.Contains("rose from 0.3 to 0.5 in epoch 3", warning.Text);
        Assert.Empty(Warnings(new Loss.Logistic(), Halves, 0.4, 0.3, 0.32));
    }

    [Fact]
    public void A_loss_no_better_than_that_of_a_constant_hints_at_it_too()
    {
        // ln 2 nats of a fair coin; a variance of 0.25.
        Assert.Contains("always predicting the same would have 0.6931", Assert.Single(Warnings(new Loss.Logistic(), Halves, 0.9, 0.8)).Text);
        Assert.Contains("always predicting the same would have 0.25", Assert.Single(Warnings(new Loss.Squared(), Halves, 0.3)).Text);
        Assert.Empty(Warnings(new Loss.Squared(), Halves, 0.24));
        Assert.Empty(Warnings(new Loss.Absolute(), Halves, 10));
    }

    [Fact]
    public void With_an_offset_only_what_it_leaves_of_numbers_tells_the_loss_of_a_constant()
    {
        Assert.Empty(Warnings(new Loss.Logistic(), Halves, hasOffset: true, 0.9, 0.8));
        Assert.Contains("would have 0.25", Assert.Single(Warnings(new Loss.Squared(), Halves, hasOffset: true, 0.3)).Text);
    }

    [Fact]
    public void More_parameters_than_rows_are_said()
    {
        var warning = Assert.Single(Warnings(new Loss.Squared(), new LabelMoments(13, 13, 0.5, 10), 0.2));
        Assert.Equal(TrainingWarningKind.FewRows, warning.Kind);
        Assert.Contains("14 parameters and 13 training rows", warning.Text);
        Assert.Empty(Warnings(new Loss.Squared(), new LabelMoments(14, 14, 0.5, 10), 0.2));
    }

    static TrainingWarning[] Warnings(Loss loss, LabelMoments labels, params double[] losses) => Warnings(loss, labels, hasOffset: false, losses);

    static TrainingWarning[] Warnings(Loss loss, LabelMoments labels, bool hasOffset, params double[] losses)
    {
        var predictor = new LinearPredictor(
            loss.Output, Layout, [1f], [.. Enumerable.Repeat(1f, 3)], [.. Enumerable.Repeat(1f, 10)]);
        var history = losses.Select((value, index) => new EpochResult(index + 1, value, null)).ToImmutableArray();
        return [.. LearningCheck.Of(new TrainingResult(predictor, losses.Length, history, new StopReason.Completed(losses.Length, 1)), loss, labels, hasOffset)];
    }
}
