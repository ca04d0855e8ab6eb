using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Cluster.Tests;

public sealed class LinesWorkTests : IDisposable
{
    readonly DataBench _bench = new();

    public void Dispose() => _bench.Dispose();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(3, 700)]
    [InlineData(7, 100)]
    public async Task Any_number_of_workers_answers_every_line_in_order_and_says_which_it_refuses(int workers, long partBytes)
    {
        var pipeline = Capstan.Pipeline.Parse(
            """{ "label": "fare", "features": { "z": "z_score(distance)", "v": "vocabulary(vendor)" }, "estimator": { "kind": "LinearRegressor", "epochs": 2 } }""");
        (await new PipelineTraining(pipeline, TimeProvider.System, null).RunAsync(_bench.Rows(), Token)).Save(_bench.At("model"), overwrite: true);
        File.WriteAllText(_bench.At("a.json"), Lines(200, "\n"));
        File.WriteAllText(_bench.At("b.json"), Lines(90, "\r\n") + "{\"distance\": 1, \"vendor\": null}");
        File.WriteAllText(_bench.At("empty.json"), "");
        File.WriteAllText(_bench.At("wide.json"), Lines(30, "\n"), Encoding.Unicode);
        string[] files = [_bench.At("a.json"), _bench.At("empty.json"), _bench.At("b.json"), _bench.At("wide.json"), _bench.At("a.json")];
        var (results, errors) = (new MemoryStream(), new List<string>());
        var scoring = new LineScoring(new ModelScoring(new ArtifactModel("m", ArtifactFolder.Read(_bench.At("model")))));
        foreach (var file in files)
        {
            foreach (var (number, line) in File.ReadAllLines(file).Index())
            {
                scoring.Answer([line], results, (_, _) => errors.Add($"{Path.GetFileName(file)} {number + 1}"));
            }
        }

        var order = new LinesOrder(_bench.At("model"), [.. files]) { PartBytes = partBytes, BatchSize = 16 };
        Assert.True(partBytes > 1000 ? order.CountParts() == 5 : order.CountParts() > 20);
        var job = _bench.Job(LinesOrder.Kind, order.Write(), workers);
        var output = JsonSerializer.Deserialize<LinesOutput>(await _bench.RunAsync(job))!; // what such a job leaves

        Assert.Equal(Encoding.UTF8.GetString(results.ToArray()), File.ReadAllText(LinesOrder.ResultsIn(job.Folder)));
        Assert.Equal(errors, File.ReadAllLines(LinesOrder.ErrorsIn(job.Folder)).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(error => $"{error.GetProperty("file")} {error.GetProperty("line")}"));
        Assert.Equal((521L - errors.Count, (long)errors.Count), (output.Predictions, output.Refused));
        Assert.InRange(errors.Count, 20, 200);
        Assert.Equal(["errors.jsonl", "results.jsonl"], new DirectoryInfo(job.Folder).GetFileSystemInfos().Select(each => each.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_the_job_with_its_name()
    {
        var order = new LinesOrder(_bench.At("model"), [_bench.At("none.json")]);
        var failure = await Assert.ThrowsAsync<JobFailedException>(() => _bench.RunAsync(_bench.Job(LinesOrder.Kind, order.Write(), 1)));
        Assert.Contains("none.json: there is no such file", failure.Message);
    }

    /// <summary>Of every seventh something is wrong.</summary>
    static string Lines(int count, string end) => string.Concat(Enumerable.Range(0, count).Select(index => (index % 28) switch
    {
        0 => "",
        7 => """{"distance": 1, "vendor": "a"}, {"distance": 2, "vendor": "b"}""",
        14 => """{"distance": "far"}""",
        21 => """{"distance": 1""",
        _ => $$"""{"distance": {{index}}.5, "vendor": "日本{{index % 3}}"}""",
    } + end));
}
