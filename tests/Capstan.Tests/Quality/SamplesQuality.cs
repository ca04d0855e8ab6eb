namespace Capstan.Tests;

/// <summary>The pipelines in samples/ on the real data that they were written for. The bounds leave room for another seed.</summary>
public sealed class SamplesQuality
{
    const string Fares = "taxi_mlnet/taxi-fare-train.csv";
    const string LaterFares = "taxi_mlnet/taxi-fare-test.csv";
    const string Yellow = "taxi_yellow_2018_2020H1.parquet";

    /// <summary>scikit-learn's Ridge has an RMSE of 3.06, histogram boosting 2.29.</summary>
    [Theory]
    [InlineData(EstimatorKind.LinearRegressor, 3.0)]
    [InlineData(EstimatorKind.DnnRegressor, 2.45)]
    public async Task Taxi_fares_with_a_meter(EstimatorKind kind, double most) =>
        Assert.InRange(await Measure("taxi/pipeline.json", "rmse", kind, Dataset.Read(SharedData.File(Fares)), Dataset.Read(SharedData.File(LaterFares))), 1.5, most);

    /// <summary>Years 2018 and 2019 against January and February 2020; xgboost has an RMSE of 2.40, a torch network 2.43.</summary>
    [Fact]
    public async Task Taxi_fares_before_the_trip()
    {
        var trips = Dataset.Read(SharedData.File(Yellow));
        var rmse = await Measure(
            "taxi/yellow.json", "rmse", null, trips.Where("year(pickup_datetime) == 2018 or year(pickup_datetime) == 2019"),
            trips.Where("year(pickup_datetime) == 2020 and month(pickup_datetime) <= 2"));
        Assert.InRange(rmse, 1.5, 2.45);
    }

    /// <summary>January to May against June 2001; scikit-learn's SGD has an AUC of 0.6385, xgboost 0.7081.</summary>
    [Fact]
    public async Task Late_flights_by_a_linear_model_with_crosses()
    {
        var flights = Dataset.Read(SharedData.File("flights-3m.parquet"));
        var auc = await Measure("flights/pipeline.json", "auc", null, flights.Where("month(date) < 6"), flights.Where("month(date) == 6"));
        Assert.InRange(auc, 0.72, 0.80);
    }

    static async Task<double> Measure(string sample, string metric, EstimatorKind? kind, Dataset train, Dataset test)
    {
        var ct = TestContext.Current.CancellationToken;
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", sample), ct));
        pipeline = kind is { } chosen ? pipeline with { Estimator = new EstimatorDefinition { Kind = chosen } } : pipeline;
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(train, ct);
        var evaluation = await model.EvaluateAsync(test, ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{sample} {pipeline.Estimator.Kind}: {evaluation}");
        return evaluation[metric]!.Value; // the rows are not all alike
    }
}
