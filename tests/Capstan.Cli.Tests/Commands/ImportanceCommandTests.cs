using Capstan.Data;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class ImportanceCommandTests
{
    [Fact]
    public async Task Columns_are_shown_by_how_much_worse_it_gets_without_them()
    {
        using var place = await WithTripsAsync(1500);
        await new TripSimulator(2, 500, TripDrift.None).WriteCsvAsync(place.At("new.csv"), null, CancellationToken.None);
        await DoAsync("train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--out", place.At("trips"));
        var found = await AskAsync("importance", place.At("trips"), place.At("new.csv"), "--repeats", "3");
        Assert.Equal(("rmse", 3), (found.GetProperty("metric").GetString(), found.GetProperty("repeats").GetInt32()));
        var columns = found.GetProperty("columns").EnumerateArray().ToArray();
        string[] lengths = ["trip_distance", "trip_seconds"];
        Assert.Equal(lengths, columns.Take(2).Select(each => each.GetProperty("column").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(columns.OrderByDescending(each => each.GetProperty("drop").GetDouble()), columns);
        var evaluation = await AskAsync("evaluate", place.At("trips"), place.At("new.csv"), "--replicates", "0");
        Assert.Equal(evaluation.GetProperty("metrics").GetProperty("rmse").GetDouble(), found.GetProperty("value").GetDouble(), 1e-9);

        var text = (await DoAsync("importance", place.At("trips"), place.At("new.csv"))).Output;
        Assert.Contains("on 500 rows; how much worse without each column (5 shuffles)", text);
        Assert.Contains("trip_distance", text);
        Assert.Contains("expected 1 or more", await RefuseAsync(ExitCodes.Usage, "importance", place.At("trips"), place.At("new.csv"), "--repeats", "0"));
        Assert.Contains("no row with a label", await RefuseAsync(
            ExitCodes.BadData, "importance", place.At("trips"), place.At("new.csv"), "--where", "trip_distance > 1000"));
    }
}
