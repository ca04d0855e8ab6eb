using System.ComponentModel.DataAnnotations.Schema;
using Capstan.Data;
using Capstan.Features;
using static Capstan.Features.Expressions;

namespace Capstan.Tests;

public sealed class FeatureDefinitionsTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Trips = Capstan.Tests.Trips.Make(2000);

    sealed record Ride([property: Column("trip_distance")] double Distance, [property: Column("fare_amount")] double Fare);

    [Fact]
    public void Text_operators_and_lambdas_make_the_same_feature()
    {
        var pipeline = new Pipeline { Label = "Late" }
            .Feature("text", "Distance / max(Riders, 1)")
            .Feature("operators", Col("Distance") / Max(Col("Riders"), 1))
            .Feature("lambda", (Trip t) => t.Distance / Math.Max(t.Riders, 1));
        Assert.Equal(Enumerable.Repeat("Distance / max(Riders, 1)", 3), pipeline.Features.Values);
        Assert.Equal(pipeline.Features, Pipeline.Parse(pipeline.ToJson()).Features);
    }

    [Fact]
    public async Task A_model_learned_from_lambdas_is_that_of_the_same_texts()
    {
        var written = new LinearClassifier("Late") { Epochs = 1 }
            .Feature("distance", (Trip t) => Feature.ZScore(t.Distance))
            .Feature("evening", (Trip t) => t.Pickup.Hour >= 16 && t.Pickup.Hour < 20)
            .Feature("vendor", (Trip t) => Feature.Vocabulary(t.Vendor));
        var text = new Pipeline
        {
            Label = "Late", Estimator = new EstimatorDefinition { Kind = EstimatorKind.LinearClassifier, Epochs = 1 },
            Features = new Dictionary<string, string>
            {
                ["distance"] = "z_score(Distance)", ["evening"] = "hour(Pickup) >= 16 and hour(Pickup) < 20", ["vendor"] = "vocabulary(Vendor, max_size: 10000)",
            },
        };
        Assert.Equal(text.Features, written.Pipeline.Features);
        var models = (await written.FitAsync(Dataset.From(Trips), null, Ct), await new PipelineTraining(text, TimeProvider.System, null).RunAsync(Dataset.From(Trips), Ct));
        Assert.Equal(models.Item2.Artifact.Transform.Hash, models.Item1.Artifact.Transform.Hash);
        Assert.True((await models.Item1.EvaluateAsync(Dataset.From(Trips), Ct))["auc"] > 0.75);
    }

    [Fact]
    public void An_estimator_is_not_changed_by_its_further_features()
    {
        var estimator = new DnnRegressor("Fare") { HiddenUnits = [8] };
        var richer = estimator.Feature("a", "Distance").Feature("b", Col("Riders")).Feature("a", "Distance * 2");
        Assert.Empty(estimator.Pipeline.Features);
        Assert.Equal([8], richer.HiddenUnits);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "Distance * 2", ["b"] = "Riders" }, richer.Pipeline.Features);
    }

    [Fact]
    public void Automatic_features_may_be_wanted_besides()
    {
        Assert.True(new LinearRegressor("Fare") { AutomaticFeatures = true }.Feature("a", "Distance").Pipeline.WantsAutomaticFeatures);
        Assert.False(new LinearRegressor("Fare").Feature("a", "Distance").Pipeline.WantsAutomaticFeatures);
    }

    [Fact]
    public void What_is_no_expression_is_refused_where_it_is_written()
    {
        Assert.Throws<ExpressionSyntaxException>(() => new Pipeline { Label = "Late" }.Feature("a", "Distance +"));
        var refused = Assert.Throws<LambdaException>(() => new LinearClassifier("Late").Feature("a", (Trip t) => t.Vendor.Length));
        Assert.Equal("(Trip t) => t.Vendor.Length", refused.Lambda);
    }

    [Fact]
    public async Task Columns_have_the_names_that_attributes_give_in_rows_and_in_lambdas()
    {
        var rides = Dataset.From([new Ride(1, 5), new Ride(2, 9)]).Where((Ride r) => r.Fare > 6);
        var source = await rides.OpenAsync(Ct);
        Assert.Equal(["trip_distance", "fare_amount"], source.Schema.Names);
        var read = 0;
        await foreach (var batch in source.ReadAllAsync(["trip_distance"], Ct))
        {
            Assert.Equal(2.0, Assert.Single(Enumerable.Range(0, batch.RowCount).Select(row => batch["trip_distance"].ValueAt(row))));
            read += batch.RowCount;
        }

        Assert.Equal(1, read);
    }
}
