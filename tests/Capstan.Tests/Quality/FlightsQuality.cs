namespace Capstan.Tests;

/// <summary>Three million flights of 2001: late by more than 15 minutes, learned from January to May, evaluated on June.</summary>
public sealed class FlightsQuality
{
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
}
