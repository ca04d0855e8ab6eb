using System.Globalization;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class IntervalCommandsTests
{
    [Fact]
    public async Task Predictions_get_two_ends_and_evaluations_say_how_they_held()
    {
        using var place = await WithTripsAsync(1500);
        var pipeline = place.Write(
            "p.json", """{"label": "fare_amount", "estimator": {"kind": "LinearRegressor", "epochs": 3}, "intervals": 0.8, "validation": {"share": 0.3}}""");
        Assert.Contains("intervals of 80 %", (await DoAsync("train", pipeline, "--data", place.At("trips.csv"), "--out", place.At("m"))).Error);
        Assert.Contains("intervals 80.0 % of labels inside: the prediction ± ", (await DoAsync("show", place.At("m"))).Output);
        Assert.Equal(0.8, (await AskAsync("show", place.At("m"))).GetProperty("intervals").GetProperty("coverage").GetDouble());
        var lines = (await DoAsync("predict", place.At("m"), place.At("trips.csv"), "--keep", "fare_amount")).Output.TrimEnd().Split('\n');
        Assert.Equal("fare_amount,prediction,lower,upper", lines[0]);
        var rows = lines.Skip(1).Select(line => line.Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        Assert.All(rows, row => Assert.InRange(row[1], row[2], row[3]));
        var inside = rows.Count(row => row[2] <= row[0] && row[0] <= row[3]) / (double)rows.Length;
        var found = (await AskAsync("evaluate", place.At("m"), place.At("trips.csv"), "--replicates", "0")).GetProperty("predictionIntervals");
        Assert.Equal(0.8, found.GetProperty("promised").GetDouble());
        Assert.Equal(inside, found.GetProperty("coverage").GetDouble(), 2e-3); // labels in a file are doubles, here floats
        var told = (await DoAsync("evaluate", place.At("m"), place.At("trips.csv"), "--replicates", "0", "--html", place.At("e.html"))).Output;
        Assert.Contains("promised 80 %", told);
        Assert.Contains("<h2>Prediction intervals</h2>", await File.ReadAllTextAsync(place.At("e.html")));
    }
}
