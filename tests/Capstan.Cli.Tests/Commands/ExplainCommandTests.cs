using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class ExplainCommandTests
{
    const int NewRows = 60;

    static async Task<(Workplace Place, string Model, string New)> TrainAsync(string label, string estimator)
    {
        var place = await WithTripsAsync(1200);
        await new TripSimulator(2, NewRows, new TripDrift { MissingValues = 0.1 }).WriteCsvAsync(place.At("new.csv"), null, CancellationToken.None);
        await DoAsync("train", "--data", place.At("trips.csv"), "--label", label, "--estimator", estimator, "--out", place.At("trips"));
        return (place, place.At("trips"), place.At("new.csv"));
    }

    static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("fare_amount", "linear", "own")]
    [InlineData("fare_amount > 15", "dnn", "own")]
    [InlineData("fare_amount > 15", "linear", "shapley")]
    public async Task Every_row_has_its_prediction_and_attributions_that_add_up(string label, string estimator, string method)
    {
        var (place, model, file) = await TrainAsync(label, estimator);
        using var cleaning = place;
        var lines = (await DoAsync("explain", model, file, "--method", method)).Output.TrimEnd().Split('\n');
        var (names, rows) = (lines[0].Split(','), lines.Skip(1).Select(line => line.Split(',')).ToArray());
        var artifact = ArtifactFolder.Read(model);
        Assert.Equal(artifact.Transform.Input.Names.Select(column => $"attribution_{column}"), names.Where(name => name.StartsWith("attribution", StringComparison.Ordinal)));
        var predicted = (await DoAsync("predict", model, file)).Output.TrimEnd().Split('\n').Skip(1).Select(line => line.Split(',')).ToArray();
        var (score, width) = (Array.IndexOf(names, "score"), predicted[0].Length);
        Assert.Equal(NewRows, rows.Length);
        for (var row = 0; row < NewRows; row++)
        {
            Assert.Equal(predicted[row], rows[row][..width]);
            Assert.Equal(Number(rows[row][score]), rows[row][(score + 1)..].Sum(Number), 1e-4 * (1 + Math.Abs(Number(rows[row][score]))));
        }
    }

    [Fact]
    public async Task The_main_reasons_are_the_largest_attributions_and_a_server_gives_the_same()
    {
        var (place, model, file) = await TrainAsync("fare_amount > 15", "dnn");
        using var cleaning = place;
        await DoAsync("explain", model, file, "--keep", "vendor_id", "--out", place.At("all.jsonl"));
        await DoAsync("explain", model, file, "--keep", "vendor_id", "--top", "2", "--out", place.At("top.jsonl"));
        JsonElement[] all = [.. File.ReadLines(place.At("all.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] top = [.. File.ReadLines(place.At("top.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        var served = await ServedAsync(model, file);
        for (var row = 0; row < NewRows; row++)
        {
            var attributions = all[row].EnumerateObject().Where(each => each.Name.StartsWith("attribution_", StringComparison.Ordinal))
                .ToDictionary(each => each.Name["attribution_".Length..], each => each.Value.GetSingle());
            var largest = attributions.OrderByDescending(each => Math.Abs(each.Value)).Take(2).ToArray();
            Assert.Equal(
                ["vendor_id", "probability", "predicted", "score", "base_score", "reason_1", "attribution_1", "reason_2", "attribution_2"],
                top[row].EnumerateObject().Select(each => each.Name));
            Assert.Equal(largest[0].Value, top[row].GetProperty("attribution_1").GetSingle());
            Assert.Equal(largest[1].Key, top[row].GetProperty("reason_2").GetString());
            Assert.Equal(attributions, served[row].GetProperty("attributions").EnumerateObject().ToDictionary(each => each.Name, each => each.Value.GetSingle()));
            Assert.Equal(all[row].GetProperty("score").GetSingle(), served[row].GetProperty("score").GetSingle());
            Assert.Equal(all[row].GetProperty("probability").GetSingle(), served[row].GetProperty("prediction").GetProperty("probability").GetSingle());
        }
    }

    [Fact]
    public async Task Several_classes_are_explained_by_the_predicted_one()
    {
        var (place, model, file) = await TrainAsync("payment_type", "linear");
        using var cleaning = place;
        await AskAsync("explain", model, file, "--out", place.At("why.jsonl"));
        var classes = ArtifactFolder.Read(model).Label.Classes!;
        var batches = TrainedModel.Load(model).ExplainAsync(Dataset.Read(file), []);
        await foreach (var batch in batches)
        {
            var lines = File.ReadLines(place.At("why.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            Assert.All(Enumerable.Range(0, NewRows), row =>
            {
                var explanation = batch.Of(row);
                Assert.Equal(classes.Names[explanation.ClassIndex], lines[row].GetProperty("predicted").GetString());
                Assert.Equal(explanation.Score, lines[row].GetProperty("score").GetSingle());
                Assert.Equal(explanation.Score, explanation.BaseScore + explanation.Attributions.Sum(each => each.Value), 1e-4);
            });
        }
    }

    [Fact]
    public async Task What_can_not_be_done_is_refused_in_words()
    {
        var (place, model, file) = await TrainAsync("fare_amount", "linear");
        using var cleaning = place;
        Assert.Contains("expected own or shapley", await RefuseAsync(ExitCodes.Usage, "explain", model, file, "--method", "magic"));
        Assert.Contains("expected 1 or more", await RefuseAsync(ExitCodes.Usage, "explain", model, file, "--top", "0"));
        Assert.Contains("--out FILE.jsonl for explanations", await RefuseAsync(ExitCodes.Usage, "explain", model, file, "--json"));
        var own = place.Write("own.csv", File.ReadLines(file).Select((line, row) => row == 0 ? line + ",score" : line + ",1"));
        Assert.Contains("'score' would be written twice", await RefuseAsync(ExitCodes.Usage, "explain", model, own, "--keep", "score"));
    }

    static async Task<JsonElement[]> ServedAsync(string model, string file)
    {
        var trained = TrainedModel.Load(model);
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        await foreach (var batch in trained.PredictAsync(Dataset.Read(file), []))
        {
            InstanceWriter.Write(batch.Rows, 0, batch.Rows.RowCount, bytes);
        }

        await using var server = await PredictionServer.StartAsync(
            [new ArtifactModel("trips", trained.Artifact)], new PredictionServerOptions(), CancellationToken.None);
        using var client = new HttpClient { BaseAddress = server.Url };
        using var content = new StringContent(Encoding.UTF8.GetString(bytes.WrittenSpan));
        var answer = await (await client.PostAsync("/v1/models/trips:explain", content)).Content.ReadAsStringAsync();
        return [.. JsonDocument.Parse(answer).RootElement.GetProperty("explanations").EnumerateArray()];
    }
}
