#!/usr/bin/env dotnet
#:project ../../src/Capstan/Capstan.csproj

// dotnet run samples/trips/features.cs
// Features of simulated taxi trips, written in C#: the lambdas become expressions that are stored with the model.
using System.ComponentModel.DataAnnotations.Schema;
using Capstan;
using Capstan.Data;
using Capstan.Features;
using static Capstan.Features.Expressions;

var trips = Dataset.From(new TripSimulator(seed: 1, rowCount: 20_000, TripDrift.None), "trips");
double[] rushHours = [7, 10, 16, 19];
var estimator = new LinearRegressor(label: "fare_amount")
    .Feature("distance", (Trip t) => Feature.ZScore(t.Distance))
    .Feature("speed", (Trip t) => Feature.ZScore(t.Distance / Math.Max(t.Seconds / 3600.0, 0.01)))
    .Feature("rush", (Trip t) => Feature.Bucketize(t.Pickup.Hour, rushHours))
    .Feature("night", (Trip t) => t.Pickup.Hour < 6 || t.Pickup.Hour >= 22)
    .Feature("weekend", IsWeekend(Col("pickup_datetime")))
    .Feature("payment", "vocabulary(payment_type)");
foreach (var (name, expression) in estimator.Pipeline.Features)
{
    Console.WriteLine($"{name,-9} {expression}");
}

var model = await estimator.FitAsync(trips.Where((Trip t) => t.Pickup.Month < 11));
Console.WriteLine(await model.EvaluateAsync(trips.Where((Trip t) => t.Pickup.Month >= 11)));

record Trip(
    [property: Column("pickup_datetime")] DateTime Pickup,
    [property: Column("trip_distance")] double Distance,
    [property: Column("trip_seconds")] int Seconds);
