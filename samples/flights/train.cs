#!/usr/bin/env dotnet
#:project ../../src/Capstan/Capstan.csproj

// dotnet run samples/flights/train.cs
using Capstan;

var flights = Dataset.Read("samples/flights/flights.parquet");
var model = await new LinearClassifier(label: "delay > 15").FitAsync(flights.Where("month(date) < 6"));
Console.WriteLine(await model.EvaluateAsync(flights.Where("month(date) == 6")));
