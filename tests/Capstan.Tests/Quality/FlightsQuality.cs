namespace Capstan.Tests;

/// <summary>Three million flights of 2001: late by more than 15 minutes, learned from January to May, evaluated on June.</summary>
public sealed class FlightsQuality : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-flights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(EstimatorKind.LinearClassifier, 0.66)]
    [InlineData(EstimatorKind.DnnClassifier, 0.70)]
    public async Task Late_flights_are_told_from_punctual_ones(EstimatorKind kind, double least)
    {
        var flights = Dataset.Read(SharedData.File("flights-3m.parquet"));
        var ct = TestContext.Current.CancellationToken;
        var pipeline = new Pipeline { Label = "delay > 15", Estimator = new EstimatorDefinition { Kind = kind } };
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(flights.Where("month(date) < 6"), ct);
        var evaluation = await model.EvaluateAsync(flights.Where("month(date) == 6"), ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: {evaluation}");
        Assert.True(evaluation["auc"] >= least, evaluation.ToString());
    }

    /// <summary>Without what happened in the hours before, probabilities of June are off by 0.02 on average (AUC 0.766).</summary>
    [Fact]
    public async Task Probabilities_hold_in_the_month_after_where_trees_know_how_late_flights_were_an_hour_ago()
    {
        var ct = TestContext.Current.CancellationToken;
        await SampleQueries.RunAsync(
            "flights/recent.sql", [("flights-3m.parquet", "flights-3m.parquet")], _folder, ["flights-recent.parquet"], ct);
        var flights = Dataset.Read(Path.Combine(_folder, "flights-recent.parquet"));
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", "flights", "recent.json"), ct));
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(flights.Where("month(date) < 6"), ct);
        var evaluation = await model.EvaluateAsync(flights.Where("month(date) == 6"), ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{evaluation}");
        Assert.InRange(evaluation["auc"]!.Value, 0.775, 0.80);
        Assert.InRange(evaluation["calibration_error"]!.Value, 0, 0.01);
    }
}
