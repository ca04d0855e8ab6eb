using System.Text.Json;
using Capstan.Benchmarks.Peers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;

// Peers.MlNetServing FILE: trains on a CSV of the benchmark's wide table, serves POST /predict, says where, ends with its standard input.
// A pool of prediction engines, as the PredictionEnginePool of Microsoft.Extensions.ML is one (that package is not in every registry).
// Numbers scaled, texts one-hot, a linear model after them: less work than the network that it is held against. The date is left out.
var context = new MLContext(seed: 1);
var table = context.Data.LoadFromTextFile<WideRow>(args[0], separatorChar: ',', hasHeader: true);
string[] numbers = [.. Enumerable.Range(0, 12).Select(index => $"n{index}")];
string[] texts = [.. Enumerable.Range(0, 6).Select(index => $"c{index}")];
IEstimator<ITransformer> pipeline = context.Transforms.Concatenate("numbers", numbers)
    .Append(context.Transforms.NormalizeMeanVariance("numbers"))
    .Append(context.Transforms.Categorical.OneHotEncoding([.. texts.Select(text => new InputOutputColumnPair($"{text}_hot", text))]))
    .Append(context.Transforms.Conversion.ConvertType("flag_number", nameof(WideRow.flag), DataKind.Single))
    .Append(context.Transforms.Concatenate("Features", ["numbers", "flag_number", .. texts.Select(text => $"{text}_hot")]))
    .Append(context.Regression.Trainers.Sdca(labelColumnName: nameof(WideRow.y)));
var model = pipeline.Fit(table);
var engines = new DefaultObjectPoolProvider { MaximumRetained = 2 * Environment.ProcessorCount }.Create(new EnginePolicy(context, model));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
var service = builder.Build();
// The body is read whatever its type says: wrk says none.
service.MapPost("/predict", async (HttpContext http) =>
{
    var request = (await JsonSerializer.DeserializeAsync<WideRequest>(http.Request.Body, JsonSerializerOptions.Web, http.RequestAborted))!;
    var engine = engines.Get();
    try
    {
        return new WideAnswer([.. request.Instances.Select(row => engine.Predict(row).Score)]);
    }
    finally
    {
        engines.Return(engine);
    }
});
await service.StartAsync();
Console.WriteLine(service.Urls.First());
await Console.In.ReadToEndAsync();
await service.StopAsync();
