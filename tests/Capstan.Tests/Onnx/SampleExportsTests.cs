using Capstan.Data;
using Capstan.Features;
using Capstan.Features.Tests.Onnx;
using Capstan.Models;

namespace Capstan.Tests;

/// <summary>
/// Every pipeline of samples/, trained on some rows and exported: ONNX Runtime gives the engine's features and scores for all rows of the data that
/// the pipeline was written for.
/// </summary>
public sealed class SampleExportsTests(ITestOutputHelper output)
{
    const int TrainingRows = 5000;
    const int SimulatedRows = 20_000;

    [Theory]
    [InlineData("flights/pipeline.json")]
    [InlineData("flights/network.json")]
    public async Task Flights(string sample) =>
        await Check(sample, await Dataset.Read(Path.Combine(Repository.Root(), "samples", "flights", "flights.parquet")).OpenAsync());

    [Fact]
    public Task Trips() => Check("trips/pipeline.json", new TripSimulator(1, SimulatedRows, new TripDrift()));

    [Theory]
    [InlineData("adult/pipeline.json")]
    [InlineData("adult/trees.json")]
    public async Task Adult(string sample) => await Check(sample, await Dataset.Read(SharedData.File("adult/adult_test.csv")).OpenAsync());

    [Theory]
    [InlineData("taxi/pipeline.json")]
    [InlineData("taxi/trees.json")]
    public async Task Taxi(string sample) => await Check(sample, await Dataset.Read(SharedData.File("taxi_mlnet/taxi-fare-test.csv")).OpenAsync());

    [Fact]
    public async Task Yellow() =>
        await Check("taxi/yellow.json", await Dataset.Read(SharedData.File("taxi_yellow_2018_2020H1.parquet")).OpenAsync());

    async Task Check(string sample, IBatchSource source)
    {
        var ct = TestContext.Current.CancellationToken;
        var pipeline = Pipeline.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", sample), ct));
        var model = await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(Dataset.From(await FirstRows(source, ct), sample), ct);
        using var features = new OnnxModel(OnnxTransform.Export(model.Artifact.Transform));
        using var whole = new OnnxModel(OnnxModelExport.Export(model.Artifact));
        var agreement = new ExportAgreement(model.Artifact);
        string[] columns = [.. model.Artifact.Transform.Input.Names];
        foreach (var split in source.Splits)
        {
            await foreach (var rows in source.ReadAsync(split, columns, ct))
            {
                agreement.Add(rows, features.Run(rows), (float[])whole.Run(rows)[whole.Outputs[0]]);
            }
        }

        output.WriteLine($"{sample}: {agreement}");
        Assert.True(agreement.Rows >= TrainingRows, $"{agreement.Rows} rows are too few.");
        // A logarithm's last place may show in single precision, rarely.
        Assert.InRange(agreement.MostSteps, 0, 2);
        Assert.True(agreement.UnequalFeatures <= agreement.Features / 1000, agreement.ToString());
        Assert.InRange(agreement.MostOfScore, 0, 1e-4);
    }

    static async Task<MemorySource> FirstRows(IBatchSource source, CancellationToken cancellationToken)
    {
        var kept = new BatchBuilder(source.Schema);
        await foreach (var rows in source.ReadAsync(source.Splits[0], [.. source.Schema.Names], cancellationToken))
        {
            for (var row = 0; row < rows.RowCount && kept.Batch.RowCount < TrainingRows; row++)
            {
                kept.AppendRow(rows, row);
            }

            if (kept.Batch.RowCount == TrainingRows)
            {
                break;
            }
        }

        return new MemorySource(source.Schema, [kept.Batch]);
    }
}
