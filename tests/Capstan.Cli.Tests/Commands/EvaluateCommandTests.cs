using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class EvaluateCommandTests
{
    static async Task<(Workplace Place, string Linear, string Deep, string File)> TrainAsync()
    {
        var place = await WithTripsAsync(1200);
        foreach (var estimator in new[] { "linear", "dnn" })
        {
            await DoAsync("train", "--data", place.At("trips.csv"), "--label", "fare_amount > 15", "--estimator", estimator, "--out", place.At(estimator));
        }

        return (place, place.At("linear"), place.At("dnn"), place.At("trips.csv"));
    }

    [Fact]
    public async Task A_model_is_seen_from_all_sides()
    {
        var (place, linear, deep, file) = await TrainAsync();
        using var cleaning = place;
        string[] words =
        [
            "evaluate", deep, file, "--against", linear, "--slice", "payment_type", "--slice", "trip_distance", "--threshold", "0.25", "--threshold", "0.5",
            "--html", place.At("page.html"),
        ];
        var told = await DoAsync(words);
        Assert.All(
            ["by payment_type", "by trip_distance", "against linear", "called positive above", "200 bootstrap replicates"],
            what => Assert.Contains(what, told.Output));
        Assert.Contains("page.html shows it with plots", told.Error);
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(place.At("page.html")));

        var asked = await AskAsync([.. words, "--overwrite", "--threads", "1"]);
        Assert.Equal(3, asked.GetProperty("thresholds").GetArrayLength());
        Assert.InRange(asked.GetProperty("curve").GetArrayLength(), 3, 200);
        var (auc, interval) = (asked.GetProperty("metrics").GetProperty("auc").GetDouble(), asked.GetProperty("intervals").GetProperty("auc"));
        Assert.InRange(auc, interval.GetProperty("low").GetDouble(), interval.GetProperty("high").GetDouble());
        var against = asked.GetProperty("against")[0];
        Assert.Equal(
            auc - against.GetProperty("metrics").GetProperty("auc").GetDouble(), against.GetProperty("differences").GetProperty("auc").GetProperty("value").GetDouble(), 12);
        Assert.Equal(
            asked.GetProperty("rows").GetInt64(),
            asked.GetProperty("slices").EnumerateArray().Where(slice => slice.GetProperty("by").GetString() == "payment_type").Sum(slice => slice.GetProperty("rows").GetInt64()));
    }

    [Fact]
    public async Task What_can_not_be_is_refused_in_words()
    {
        var (place, linear, _, file) = await TrainAsync();
        using var cleaning = place;
        await DoAsync("train", "--data", file, "--label", "fare_amount", "--out", place.At("fares"));
        place.Write("page.html", "mine");
        Assert.Contains("only models of the same label", await RefuseAsync(ExitCodes.Usage, "evaluate", linear, file, "--against", place.At("fares")));
        Assert.Contains("exists already", await RefuseAsync(ExitCodes.Usage, "evaluate", linear, file, "--html", place.At("page.html")));
        Assert.Contains("There is no column 'origin'", await RefuseAsync(ExitCodes.BadData, "evaluate", linear, file, "--slice", "origin"));
        Assert.Contains("expected a number", await RefuseAsync(ExitCodes.Usage, "evaluate", linear, file, "--slice", "pickup_datetime"));
        foreach (var (option, wrong) in new[] { ("--threshold", "1.5"), ("--replicates", "3") })
        {
            var terminal = new Frame.CapturedTerminal();
            Assert.Equal(ExitCodes.Usage, await terminal.RunAsync("evaluate", linear, file, option, wrong));
            Assert.Contains($"{option} is {wrong}", terminal.Error);
        }
    }
}
