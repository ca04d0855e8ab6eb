using Capstan.Features;
using Capstan.Training.Tests.Learning;

namespace Capstan.Training.Tests.Guards;

public sealed class ExtremeInputsTests
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(3, 5);

    [Fact]
    public void The_batch_and_the_features_that_made_the_loss_no_number_are_named()
    {
        var rows = ExampleRows.Random(Layout, 1000, new Random(1));
        rows.Features.Numeric(1)[500] = -4.2e9f;
        rows.Features.Numeric(2)[500] = 60;
        using var store = ExampleRows.Store(rows);
        var failure = Assert.Throws<TrainingDivergedException>(() => new TrainingLoop(TimeProvider.System).Run(
            new NotANumber(Layout), store, null, new TrainingOptions { BatchSize = 10, Epochs = 1 }, null, CancellationToken.None));
        Assert.Contains($"in batch {failure.BatchNumber:N0} of epoch 1", failure.Message);
        Assert.Contains("The most extreme inputs of the batch: 'n1' is -4.2E+09, 31.6 standard deviations from its mean; 'n2' is 60, ", failure.Message);
        Assert.DoesNotContain("'n0'", failure.Message);
    }

    [Fact]
    public void In_a_stream_a_batch_is_held_to_its_own_rows()
    {
        var rows = ExampleRows.Random(Layout, 100, new Random(1));
        Assert.Equal("", ExtremeInputs.Describe(rows, null));
        rows.Features.Numeric(0)[3] = float.PositiveInfinity;
        rows.Features.Numeric(2)[4] = 1000;
        Assert.Matches("^ The most extreme inputs of the batch: 'n0' is Infinity, Infinity standard deviations from its mean; 'n2' is 1000, ", ExtremeInputs.Describe(rows, null));
    }

    /// <summary>Loses its numbers on a far-off input.</summary>
    sealed class NotANumber(FeatureLayout layout) : ILearner
    {
        public Loss Loss => new Loss.Squared();

        public double Learn(TrainingBatch batch) => batch.Features.Numeric(1).ContainsAnyInRange(float.MinValue, -1000) ? double.NaN : 1;

        public Models.IPredictor Freeze() => new ConstantPredictor(layout, 0);
    }
}
