using Capstan.Data;

namespace Capstan.Service.Tests;

/// <summary>A small model of simulated trips, trained once for all tests, and the data it was trained on.</summary>
static class TripsModel
{
    public const string Instance = """{"trip_distance":2.5,"payment_type":"card"}""";
    public const string Pipeline =
        """{"name":"trips","label":"fare_amount","features":{"d":"z_score(trip_distance)","p":"vocabulary(payment_type)"},"estimator":{"kind":"LinearRegressor"},"seed":1}""";

    static readonly Lazy<Task<string>> Made = new(MakeAsync);

    public static Task<string> FolderAsync => Made.Value;

    public static async Task<string> DataAsync() => Path.Combine(Path.GetDirectoryName(await FolderAsync)!, "trips.csv");

    static async Task<string> MakeAsync()
    {
        var place = Directory.CreateTempSubdirectory("capstan-trips-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Folders.Remove(place);
        var data = Path.Combine(place, "trips.csv");
        await new TripSimulator(1, 600, TripDrift.None).WriteCsvAsync(data, null, CancellationToken.None);
        var model = await new PipelineTraining(Capstan.Pipeline.Parse(Pipeline), TimeProvider.System, null).RunAsync(Dataset.Read(data), CancellationToken.None);
        var folder = Path.Combine(place, "model");
        model.Save(folder);
        return folder;
    }
}
