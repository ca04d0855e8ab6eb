using System.Text.RegularExpressions;
using Capstan.Cli.Tests.Commands;

namespace Capstan.Cli.Tests;

/// <summary>The guide's lines on a database, whose address is that of the test run's own.</summary>
public sealed partial class GuideTests
{
    const string GuidesAddress = "postgresql://ann@db.example/rides?table=public.";

    [Fact]
    public async Task The_lines_on_a_database_run_as_they_stand()
    {
        using var place = await Workplace.WithTripsAsync(1500);
        // Tables of its own, since other tests have the same server.
        var address = $"{PostgreSqlServer.Shared.Url}&table=guide{Guid.NewGuid():N}_";
        await Dataset.Read(place.At("trips.csv")).SaveAsync($"{address}trips", cancellationToken: TestContext.Current.CancellationToken);
        await Workplace.DoAsync("init", place.At("trips.csv"), "--label", "fare_amount", "--name", "trips", "--out", place.At("pipeline.json"));
        var lines = Lines(DatabaseBlock());
        Assert.Contains(lines, line => line.Contains("--pushdown", StringComparison.Ordinal));
        foreach (var line in lines)
        {
            await RunAsync(line.Replace(GuidesAddress, address), place.At("."));
        }

        var features = await Dataset.Read($"{address}features").OpenAsync(TestContext.Current.CancellationToken);
        Assert.Contains("trip_distance_scaled", features.Schema.Names);
    }

    [GeneratedRegex("^```sh postgresql\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex DatabaseBlock();
}
