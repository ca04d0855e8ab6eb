using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Tests;

/// <summary>A taxi trip with columns of every type; whether it is late depends on the hour, the vendor and the distance.</summary>
sealed record Trip(double Distance, int Riders, string Vendor, bool? Night, DateTime Pickup, double? Fare, bool Late, string Key);

static class Trips
{
    public static Trip[] Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row =>
        {
            var pickup = new DateTime(2001, 1, 1).AddMinutes(random.Next(60 * 24 * 180));
            var (distance, vendor) = (Math.Round(random.NextDouble() * 20, 3), "ABCD"[random.Next(4)].ToString());
            var fare = Math.Round(2.5 + 2 * distance + (vendor == "A" ? 3 : 0) + random.NextDouble(), 2);
            var odds = 0.25 * distance - 3 + (vendor == "B" ? 1.5 : 0) + (pickup.Hour is >= 16 and < 20 ? 2 : 0);
            return new Trip(
                distance, random.Next(1, 6), vendor, row % 11 == 0 ? null : pickup.Hour is < 6 or > 21, pickup, row % 13 == 0 ? null : fare,
                random.NextDouble() < 1 / (1 + Math.Exp(-odds)), $"trip-{row}");
        })];
    }

    public static string WriteCsv(this IEnumerable<Trip> trips, string path)
    {
        File.WriteAllLines(path, trips.Select(trip => string.Create(
            CultureInfo.InvariantCulture,
            $"{trip.Distance},{trip.Riders},{trip.Vendor},{trip.Night},{trip.Pickup:yyyy-MM-ddTHH:mm:ss},{trip.Fare},{trip.Late},{trip.Key}"))
            .Prepend("Distance,Riders,Vendor,Night,Pickup,Fare,Late,Key"));
        return path;
    }
}

/// <summary>A folder that is gone after the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly string _path = Directory.CreateTempSubdirectory("capstan-front-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}

sealed class Reports : IProgress<TrainingReport>
{
    public List<TrainingReport> All { get; } = [];

    public IEnumerable<string> Notices => All.OfType<TrainingReport.Notice>().Select(notice => notice.Text);

    public void Report(TrainingReport value) => All.Add(value);
}

static class PipelineMembers
{
    /// <summary>The JSON members that the reader of pipelines knows.</summary>
    public static IEnumerable<JsonPropertyInfo> Of(Type type)
    {
        Pipeline.JsonOptions.MakeReadOnly(populateMissingResolver: true);
        return Pipeline.JsonOptions.GetTypeInfo(type).Properties.Where(property => property.Get is not null);
    }
}

static class Repository
{
    public static string Root([CallerFilePath] string caller = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", ".."));
}
