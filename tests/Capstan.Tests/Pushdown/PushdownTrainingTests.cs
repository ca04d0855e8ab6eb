using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Tests.Pushdown;

/// <summary>A training whose features a database has analysed is the training that reads the rows twice.</summary>
public sealed class PushdownTrainingTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Rows = Trips.Make(2500);

    /// <summary>Of constants that are picked or counted, so that they are equal to the bit.</summary>
    const string Exact = """
        "features": { "d": "(Distance - minimum(Distance)) / range(Distance)", "b": "bucketize(Distance, 12)", "v": "vocabulary(Vendor, max_size: 3)", "c": "count_by(Riders)",
            "nested": "bucketize(clip(Fare, quantile(Fare, 0.01), quantile(Fare, 0.99)), 6)", "hour": "bucketize(hour(Pickup), [6, 12, 18])" }
        """;

    static Task<TrainedModel> FitAsync(string json, Dataset data, bool pushdown, Reports? reports = null) =>
        new PipelineTraining(Pipeline.Parse(json), TimeProvider.System, reports) { Pushdown = pushdown }.RunAsync(data, Ct);

    public static TheoryData<string, string> Trainings => new()
    {
        { "DuckDB", """ "label": "Late" """ },
        { "DuckDB", """ "label": "Late", "filter": "Distance < 15", "validation": { "share": 0.3 } """ },
        { "DuckDB", """ "label": "Fare", "estimator": { "kind": "LinearRegressor", "stream": true } """ },
        { "PostgreSQL", """ "label": "Late", "validation": { "share": 0.2, "key": "Key" } """ },
        { "PostgreSQL", """ "label": "Vendor == 'A'", "filter": "Riders < 5", "validation": { "time": "Pickup", "from": "2001-05-01" } """ },
        { "PostgreSQL", """ "label": "Fare", "estimator": { "kind": "LinearRegressor", "epochs": 2 }, "weight": "Riders", "validation": { "share": 0 } """ },
    };

    [Theory]
    [MemberData(nameof(Trainings))]
    public async Task The_model_is_the_same_and_the_rows_come_out_once(string database, string pipeline)
    {
        using var place = DatabasePlace.Of(database);
        var data = await place.PutAsync(Rows);
        var json = $"{{ {pipeline}, {Exact} }}";
        var reports = new Reports();
        var (here, there) = (await FitAsync(json, data, false), await FitAsync(json, data, true, reports));
        Assert.Equal(here.Hash, there.Hash);
        Assert.Equal(here.Artifact.TrainingStatistics.ToBytes(), there.Artifact.TrainingStatistics.ToBytes());
        Assert.Equal((null, database), (here.Artifact.Lineage.AnalysedIn, there.Artifact.Lineage.AnalysedIn));
        Assert.Equal((database, 8), Assert.Single(reports.All.OfType<TrainingReport.Analysed>()) is var told ? (told.Database, told.Analyses) : default);
        Assert.DoesNotContain(reports.All.OfType<TrainingReport.Reading>(), report => report.Rows > 0 && !report.Stage.StartsWith("computing", StringComparison.Ordinal));
    }

    /// <summary>The guide's C#, line for line, on a table of the test run's own.</summary>
    [Fact]
    public async Task The_lines_of_the_guide_on_data_run_as_they_stand()
    {
        using var folder = new TemporaryFolder();
        var address = $"{PostgreSqlServer.Shared.Url}&table=rides{Guid.NewGuid():N}";
        await new TripSimulator(1, 800, TripDrift.None).WriteCsvAsync(folder["trips.csv"], null, Ct);
        await Dataset.Read(folder["trips.csv"]).SaveAsync(address, cancellationToken: Ct);

        var rides = Dataset.Read(address);
        var regressor = new LinearRegressor(label: "fare_amount") { Pushdown = true, Validation = new() { Share = 0.2, Key = "vendor_id" } }
            .Feature("distance", "z_score(log1p(trip_distance))")
            .Feature("payment", "vocabulary(payment_type)");
        var model = await regressor.FitAsync(rides);
        await model.FeaturesInDatabase(rides).SaveAsync(folder["features.parquet"]);

        Assert.Equal(["distance", "payment"], (await Dataset.Read(folder["features.parquet"]).OpenAsync(Ct)).Schema.Names);
        var (source, guide) = (Squeezed(await File.ReadAllTextAsync(ThisFile(), Ct)), await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "docs", "guide", "data.md"), Ct));
        var shown = guide.Split("```csharp\n").Skip(1).Select(block => block.Split("```")[0]).Single(block => block.Contains("Pushdown", StringComparison.Ordinal))
            .Replace("\"postgresql://ann@db.example/rides?table=public.trips\"", "address").Replace("\"features.parquet\"", "folder[\"features.parquet\"]");
        Assert.Contains(Squeezed(shown), source);

        static string Squeezed(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));
    }

    static string ThisFile([CallerFilePath] string caller = "") => caller;

    [Theory]
    [InlineData("""{ "label": "Distance", "features": { "b": "bucketize(Fare, 4)" } }""", "more than two values")]
    [InlineData("""{ "label": "Key", "features": { "b": "bucketize(Fare, 4)" } }""", "more than 1,000 values ('trip-999', 'trip-998'")]
    [InlineData("""{ "label": "Riders * 0", "estimator": { "kind": "LinearRegressor" }, "features": { "b": "bucketize(Fare, 4)" } }""", "the same value 0")]
    [InlineData("""{ "label": "Gone", "features": { "b": "bucketize(Fare, 4)" } }""", "no column 'Gone'")]
    public async Task A_label_that_can_not_be_learned_is_refused_in_the_same_words(string json, string message)
    {
        using var place = DatabasePlace.Of("DuckDB");
        var data = await place.PutAsync(Rows);
        var here = await Assert.ThrowsAsync<LabelException>(() => FitAsync(json, data, false));
        Assert.Contains(message, here.Message);
        Assert.Equal(here.Message, (await Assert.ThrowsAsync<LabelException>(() => FitAsync(json, data, true))).Message);
    }

    [Fact]
    public async Task A_text_of_two_values_and_a_number_of_two_are_labels_alike()
    {
        using var place = DatabasePlace.Of("DuckDB");
        var data = await place.PutAsync(Rows.Where(trip => trip.Vendor is "A" or "B" && trip.Riders is 1 or 3));
        foreach (var label in new[] { "Vendor", "Riders" })
        {
            var json = $$"""{ "label": "{{label}}", "features": { "b": "bucketize(Fare, 4)" }, "estimator": { "epochs": 1 } }""";
            Assert.Equal((await FitAsync(json, data, false)).Hash, (await FitAsync(json, data, true)).Hash);
        }
    }

    [Fact]
    public async Task What_can_not_be_pushed_down_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var place = DatabasePlace.Of("PostgreSQL");
        var (json, csv, table) = ($$"""{ "label": "Late", {{Exact}} }""", Dataset.Read(Rows.WriteCsv(folder["t.csv"])), await place.PutAsync(Rows.Take(100)));
        Assert.Contains("SaveAsync", (await Assert.ThrowsAsync<PushdownException>(() => FitAsync(json, csv, true))).Message);
        Assert.Contains("made here", (await Assert.ThrowsAsync<PushdownException>(() => FitAsync(json, Dataset.From(Rows), true))).Message);
        Assert.Contains("validation.key", (await Assert.ThrowsAsync<PushdownException>(() => FitAsync(json, table, true))).Message);
        Assert.Contains("capstan init", (await Assert.ThrowsAsync<PipelineException>(() => FitAsync("""{ "label": "Late" }""", table, true))).Message);
        var kept = new PipelineTraining(Pipeline.Parse(json), TimeProvider.System, null, new AnalysisFolder(folder["kept"])) { Pushdown = true };
        Assert.Contains("keep none", (await Assert.ThrowsAsync<PipelineException>(() => kept.RunAsync(table, Ct))).Message);
        Assert.Contains("no rows to learn from", (await Assert.ThrowsAsync<UnreadableDataException>(
            () => FitAsync($$"""{ "label": "Late", "filter": "Distance < 0", "validation": { "share": 0 }, {{Exact}} }""", table, true))).Message);
    }

    [Theory]
    [MemberData(nameof(DatabasePlace.All), MemberType = typeof(DatabasePlace))]
    public async Task Features_that_a_database_finishes_are_the_engines(string database)
    {
        using var folder = new TemporaryFolder();
        using var place = DatabasePlace.Of(database);
        var data = await place.PutAsync(Rows);
        var pipeline = Pipeline.Parse($$"""{ "label": "Late", "filter": "Distance > 1", "validation": { "share": 0 }, {{Exact.Replace("\"d\":", "\"third\": \"Fare / 3\", \"d\":")}} }""");
        var lines = new Dictionary<bool, string[]>();
        foreach (var pushdown in new[] { false, true })
        {
            var training = new PipelineTraining(pipeline, TimeProvider.System, null) { Pushdown = pushdown };
            var rows = await (await training.FitFeaturesAsync(data, data, ["Key", "Night"], Ct)).SaveAsync(folder[$"{pushdown}.csv"], cancellationToken: Ct);
            lines[pushdown] = await File.ReadAllLinesAsync(folder[$"{pushdown}.csv"], Ct);
            Assert.Equal(rows + 1, lines[pushdown].Length);
        }

        // A table's rows come in no promised order.
        Assert.Equal<string>(lines[false].Order(), lines[true].Order());
        Assert.True(database == "PostgreSQL" || lines[true].SequenceEqual(lines[false]));
        Assert.StartsWith("Key,Night,third,d,", lines[true][0]);
        var model = await FitAsync($$"""{ "label": "Late", "validation": { "share": 0 }, {{Exact}} }""", data, true);
        await model.FeaturesInDatabase(data.Where("Riders == 2")).SaveAsync(folder["there.csv"], cancellationToken: Ct);
        await model.Features(data.Where("Riders == 2")).SaveAsync(folder["here.csv"], cancellationToken: Ct);
        Assert.Equal<string>((await File.ReadAllLinesAsync(folder["here.csv"], Ct)).Order(), (await File.ReadAllLinesAsync(folder["there.csv"], Ct)).Order());
    }
}
