using Capstan.Training;

namespace Capstan.Tests;

public sealed class TrainingWarningsTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_column_made_from_the_label_is_warned_of(bool stream)
    {
        var trips = Trips.Make(1000).Select(trip => new { trip.Distance, trip.Vendor, trip.Late, Penalty = trip.Late ? 5.0 + trip.Distance / 100 : 0 });
        var warnings = await WarningsAsync(
            new Pipeline { Label = "Late", Estimator = new EstimatorDefinition { Stream = stream } }, Dataset.From(trips));
        Assert.Contains(warnings, warning => warning.Kind == TrainingWarningKind.Leak && warning.Text.Contains("'Penalty_scaled' alone"));
        Assert.DoesNotContain(warnings, warning => warning.Text.Contains("'Distance"));
    }

    [Fact]
    public async Task Usual_data_is_not_warned_of() => Assert.Empty(await WarningsAsync(
        new Pipeline { Label = "Late", Exclude = ["Key"] }, Dataset.From(Trips.Make(2000))));

    [Fact]
    public async Task A_learning_rate_that_is_far_too_high_is_warned_of()
    {
        var pipeline = new Pipeline
        {
            Label = "Fare", Estimator = new EstimatorDefinition { Kind = EstimatorKind.DnnRegressor, LearningRate = 30, Epochs = 3, Patience = 3 },
        };
        Assert.Contains(await WarningsAsync(pipeline, Dataset.From(Trips.Make(1000))), warning => warning.Kind == TrainingWarningKind.LearningRate);
    }

    static async Task<IReadOnlyList<TrainingWarning>> WarningsAsync(Pipeline pipeline, Dataset dataset)
    {
        var reports = new Reports();
        await new PipelineTraining(pipeline, TimeProvider.System, reports).RunAsync(dataset, Ct);
        return [.. reports.All.OfType<TrainingReport.Warning>().Select(report => report.Found)];
    }
}
