using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Capstan.Client.Tests.Guide;

/// <summary>The code of docs/guide/client.md, so that it compiles.</summary>
static class GuideExample
{
    public static async Task<double> PredictAsync()
    {
        using var http = new HttpClient();
        var connection = new CapstanConnection(http, new CapstanClientOptions { Address = new Uri("http://127.0.0.1:8080/"), Project = "default" });
        var fares = new PredictionClient<Trip, double>(connection, "trips", version: null, TripJson.Default.Trip, TripJson.Default.Double);
        var fare = await fares.PredictAsync(new Trip(2.5, "card"), CancellationToken.None);
        return fare;
    }

    public static void Add(IServiceCollection services, Uri address, string key)
    {
        services.AddCapstan(new CapstanClientOptions { Address = address, Project = "default", Key = key });
        services.AddPredictions("trips", version: null, TripJson.Default.Trip, TripJson.Default.Double);
    }
}

[JsonSerializable(typeof(Trip))]
[JsonSerializable(typeof(double))]
partial class TripJson : JsonSerializerContext;

record Trip(double trip_distance, string payment_type);
