using System.Runtime.CompilerServices;
using Capstan.Data.MLNet;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Capstan.Models.MLNet.Tests;

public sealed class Trip
{
#pragma warning disable IDE1006 // the columns' names
    public double distance { get; set; }

    public long hour { get; set; }

    public string vendor { get; set; } = "";

    public bool late { get; set; }

    public double fare { get; set; }
#pragma warning restore IDE1006
}

public sealed class TripPrediction
{
    public bool PredictedLabel { get; set; }

    public float Score { get; set; }

    public float Probability { get; set; }
}

public sealed class VendorPrediction
{
    public uint PredictedLabel { get; set; }

    public float[] Score { get; set; } = [];
}

public sealed class ModelTransformerTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly Trip[] Trips = Make(600);

    readonly MLContext _context = new(seed: 1);

    static Trip[] Make(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (distance, hour, vendor) = (Math.Round(20 * random.NextDouble(), 2), random.Next(24), "ABC"[random.Next(3)].ToString());
            return new Trip
            {
                distance = distance, hour = hour, vendor = vendor, fare = 2.5 + 2 * distance + (vendor == "A" ? 3 : 0),
                late = random.NextDouble() < 1 / (1 + Math.Exp(3 - 0.2 * distance - (hour is > 15 and < 20 ? 2 : 0))),
            };
        })];
    }

    [Fact]
    public async Task The_sample_of_the_guide_runs_and_predicts_what_the_model_does()
    {
        var trips = Trips;
        // <sample>
        var model = await new DnnClassifier("late") { Epochs = 2 }.FitAsync(Dataset.From(trips));
        var context = new MLContext(seed: 1);
        var view = context.Data.LoadFromEnumerable(trips);

        var transformer = model.Artifact.ToMlNet();
        var predicted = transformer.Transform(view);
        var metrics = context.BinaryClassification.EvaluateNonCalibrated(predicted, labelColumnName: "late");

        var engine = context.Model.CreatePredictionEngine<Trip, TripPrediction>(transformer);
        var prediction = engine.Predict(new Trip { distance = 3.2, hour = 17, vendor = "A" });
        // </sample>
        var expected = await model.PredictAsync(trips, Ct);
        var rows = context.Data.CreateEnumerable<TripPrediction>(predicted, reuseRowObject: false).ToArray();
        Assert.Equal(expected, rows.Select(row => row.Probability));
        Assert.Equal(expected.Select(probability => probability >= 0.5f), rows.Select(row => row.PredictedLabel));
        Assert.Equal(expected, rows.Select(row => ModelOutput.Probability(row.Score)));
        Assert.Equal((await model.EvaluateAsync(Dataset.From(trips), Ct))["auc"]!.Value, metrics.AreaUnderRocCurve, 1e-6);
        Assert.Equal((await model.PredictAsync([new Trip { distance = 3.2, hour = 17, vendor = "A" }], Ct))[0], prediction.Probability);
        // An engine has one row, which changes.
        Assert.Equal(expected[..50], trips[..50].Select(trip => engine.Predict(trip).Probability));
    }

    [Fact]
    public void The_guide_shows_the_sample_as_it_runs()
    {
        var source = File.ReadAllText(Here()).ReplaceLineEndings("\n");
        var sample = source.Split("// <sample>\n")[1].Split("        // </sample>")[0];
        var shown = string.Join('\n', sample.Split('\n').Select(line => line.Length > 8 ? line[8..] : line.Trim()));
        var guide = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "docs", "guide", "mlnet.md")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{shown}```", guide, StringComparison.Ordinal);

        static string Here([CallerFilePath] string path = "") => path;
    }

    [Fact]
    public async Task A_number_is_a_score_and_a_class_of_many_a_key_with_names()
    {
        var fares = await new LinearRegressor("fare") { Exclude = ["late"], Epochs = 1 }.FitAsync(Dataset.From(Trips), null, Ct);
        var view = _context.Data.LoadFromEnumerable(Trips);
        Assert.Equal(await fares.PredictAsync(Trips, Ct), fares.Artifact.ToMlNet().Transform(view).GetColumn<float>("Score"));

        var vendors = await new LinearClassifier("vendor") { Epochs = 1 }.FitAsync(Dataset.From(Trips), null, Ct);
        var predicted = vendors.Artifact.ToMlNet().Transform(view);
        var rows = _context.Data.CreateEnumerable<VendorPrediction>(predicted, reuseRowObject: false).ToArray();
        Assert.Equal(await vendors.PredictAsync(Trips, Ct), rows.SelectMany(row => row.Score));
        Assert.All(rows, row => Assert.Equal(ModelOutput.LikeliestClass(row.Score) + 1, (int)row.PredictedLabel));
        var names = _context.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(predicted).Transform(predicted)
            .GetColumn<string>("PredictedLabel").Distinct().Order(StringComparer.Ordinal);
        Assert.Subset(new HashSet<string>(["A", "B", "C"]), names.ToHashSet());
    }

    [Fact]
    public async Task Nothing_is_predicted_that_nobody_asks_for_and_a_view_may_be_read_by_many_cursors()
    {
        var model = await new LinearRegressor("fare") { Exclude = ["late"], Epochs = 1 }.FitAsync(Dataset.From(Trips), null, Ct);
        // Refused where an integer is needed, but only when it is predicted.
        var wrong = _context.Data.LoadFromEnumerable(Trips.Select(trip => new { trip.distance, hour = 0.5, trip.vendor }));
        var predicted = model.Artifact.ToMlNet().Transform(wrong);
        Assert.Equal(Trips.Select(trip => trip.distance), predicted.GetColumn<double>("distance"));
        var refused = Assert.ThrowsAny<Exception>(() => predicted.GetColumn<float>("Score").ToArray());
        Assert.Contains("holds 0.5 in row 0", refused.ToString(), StringComparison.Ordinal);

        var view = model.Artifact.ToMlNet().Transform(_context.Data.LoadFromEnumerable(Trips));
        var found = new List<float>();
        foreach (var cursor in view.GetRowCursorSet(view.Schema.Where(column => column.Name == "Score"), 3))
        {
            using (cursor)
            {
                var get = cursor.GetGetter<float>(view.Schema["Score"]);
                var score = 0f;
                while (cursor.MoveNext())
                {
                    get(ref score);
                    found.Add(score);
                }
            }
        }

        Assert.Equal((await model.PredictAsync(Trips, Ct)).Order(), found.Order());
    }

    [Fact]
    public async Task It_stands_in_a_chain_and_its_schema_is_known_before_any_row()
    {
        var model = await new LinearRegressor("fare") { Exclude = ["late"], Epochs = 1 }.FitAsync(Dataset.From(Trips), null, Ct);
        var view = _context.Data.LoadFromEnumerable(Trips.Select(trip => new { miles = trip.distance, trip.hour, trip.vendor }));
        var renamed = _context.Transforms.CopyColumns("distance", "miles").Fit(view);
        var chain = renamed.Append(model.Artifact.ToMlNet());
        Assert.Equal(NumberDataViewType.Single, chain.GetOutputSchema(view.Schema)["Score"].Type);
        Assert.True(((ITransformer)chain).IsRowToRowMapper);
        Assert.Equal(await model.PredictAsync(Trips, Ct), chain.Transform(view).GetColumn<float>("Score"));
        // As data again.
        var back = Dataset.From(new DataViewSource(chain.Transform(view)), "predicted");
        Assert.Contains("Score", (await back.OpenAsync(Ct)).Schema.Names);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_by_name()
    {
        var model = await new LinearRegressor("fare") { Exclude = ["late"], Epochs = 1 }.FitAsync(Dataset.From(Trips), null, Ct);
        var transformer = model.Artifact.ToMlNet();
        var lacking = _context.Data.LoadFromEnumerable(Trips.Select(trip => new { trip.distance, trip.vendor }));
        Assert.Contains("no column 'hour'", Assert.Throws<ArgumentException>(() => transformer.Transform(lacking)).Message, StringComparison.Ordinal);
        var mistyped = _context.Data.LoadFromEnumerable(Trips.Select(trip => new { trip.distance, hour = "one", trip.vendor }));
        Assert.Contains("column 'hour' is String; the model was trained on int", Assert.Throws<ArgumentException>(() => transformer.GetOutputSchema(mistyped.Schema)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => _context.Model.Save(transformer, null, Stream.Null));
    }

    [Fact]
    public async Task Single_precision_and_whole_numbers_do_for_numbers()
    {
        var model = await new LinearRegressor("fare") { Exclude = ["late"], Epochs = 1 }.FitAsync(Dataset.From(Trips), null, Ct);
        Trip[] whole = [.. Trips.Select(trip => new Trip { distance = Math.Round(trip.distance), hour = trip.hour, vendor = trip.vendor })];
        var view = _context.Data.LoadFromEnumerable(whole.Select(trip => new { distance = (int)trip.distance, hour = (float)trip.hour, trip.vendor }));
        Assert.Equal(await model.PredictAsync(whole, Ct), model.Artifact.ToMlNet().Transform(view).GetColumn<float>("Score"));
    }
}
