namespace Capstan.Tests;

/// <summary>
/// Boosted trees by the pipelines in samples/ on real data, against the best of scikit-learn's histogram boosting, xgboost, a torch
/// network and linear models on the same rows (in brackets).
/// </summary>
public sealed class BoostedTreesQuality
{
    /// <summary>UCI Adult (xgboost 0.9275).</summary>
    [Fact]
    public async Task Income()
    {
        var evaluation = await Measure(
            "adult/trees.json", Read("adult/adult_train.csv"), Read("adult/adult_test.csv"));
        Assert.InRange(evaluation["auc"]!.Value, 0.9275, 0.94);
        Assert.InRange(evaluation["calibration_error"]!.Value, 0, 0.01);
    }

    /// <summary>Elec2, two years against the third (a torch network 0.7995).</summary>
    [Fact]
    public async Task Electricity()
    {
        var prices = Read("electricity/elec2.csv");
        var evaluation = await Measure(
            "electricity/pipeline.json", prices.Where("year(timestamp) < 1998"), prices.Where("year(timestamp) == 1998"));
        Assert.InRange(evaluation["auc"]!.Value, 0.80, 0.9);
    }

    /// <summary>Taxi fares with a meter (histogram boosting 2.294).</summary>
    [Fact]
    public async Task Fares_with_a_meter()
    {
        var evaluation = await Measure(
            "taxi/trees.json", Read("taxi_mlnet/taxi-fare-train.csv"), Read("taxi_mlnet/taxi-fare-test.csv"));
        Assert.InRange(evaluation["rmse"]!.Value, 1.5, 2.28);
    }

    /// <summary>Years 2018 and 2019 against January and February 2020 (xgboost 2.396).</summary>
    [Fact]
    public async Task Fares_before_the_trip()
    {
        var trips = Read("taxi_yellow_2018_2020H1.parquet");
        var evaluation = await Measure(
            "taxi/yellow-trees.json", trips.Where("year(pickup_datetime) == 2018 or year(pickup_datetime) == 2019"),
            trips.Where("year(pickup_datetime) == 2020 and month(pickup_datetime) <= 2"));
        Assert.InRange(evaluation["rmse"]!.Value, 1.5, 2.38);
    }

    /// <summary>Years to 2013 against 2014 and 2015 (histogram boosting 3.874).</summary>
    [Fact]
    public async Task Fares_by_places()
    {
        var trips = Read("taxi_gcp/taxi_latlon_2009_2015.csv");
        var evaluation = await Measure(
            "taxi/places.json", trips.Where("year(pickup_datetime) < 2014"), trips.Where("year(pickup_datetime) >= 2014"));
        Assert.InRange(evaluation["rmse"]!.Value, 3, 3.80);
    }

    static Dataset Read(string file) => Dataset.Read(SharedData.File(file));

    static async Task<Training.Evaluation> Measure(string sample, Dataset train, Dataset test)
    {
        var ct = TestContext.Current.CancellationToken;
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", sample), ct));
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(train, ct);
        var evaluation = await model.EvaluateAsync(test, ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{sample}: {evaluation}");
        return evaluation;
    }
}
