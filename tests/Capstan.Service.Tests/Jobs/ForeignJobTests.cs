using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Jobs;

/// <summary>Batch predictions by imported models, which run in processes of their own whoever answers the lines.</summary>
public sealed class ForeignJobTests
{
    const int Lines = 38_000;

    static Task<RunningService> StartAsync() => RunningService.StartAsync(options => options with
    {
        Jobs = RunningService.JobsOn("--foreign-memory", "1024", "--foreign-seconds", "60", "--pool", "local:16", "--address", "127.0.0.1"),
    });

    static async Task SubmitAsync(RunningService service, string id, string model, string more = "") =>
        await service.DoAsync("POST", "/v1/projects/p/jobs",
            $$"""{"jobId":"{{id}}","predictionInput":{"dataFormat":"JSON","uri":"{{model}}","inputPaths":["{{service.At("input/a.json")}}"],"outputPath":"gs://p-b/{{id}}","region":"here"{{more}} } }""");

    static async Task<string[]> FileAsync(RunningService service, string id, string name) =>
        (await service.Http.GetStringAsync($"/storage/v1/b/p-b/o/{id}%2Fprediction.{name}-00000-of-00001?alt=media")).Split('\n')[..^1];

    static void Write(RunningService service, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(service.At("input"));
        File.WriteAllLines(service.At("input/a.json"), lines);
    }

    [Fact]
    public async Task Lines_that_end_the_models_process_are_refused_by_their_number_and_all_others_answered()
    {
        await using var service = await StartAsync();
        var model = await BreakingModel.SaveAsync(service.At("model"));
        int[] harmful = [7, 20_000, Lines - 1];
        var filling = new string(' ', 900); // Two parts of a pool's.
        Write(service, Enumerable.Range(0, Lines).Select(index => $$"""{"X":{{(harmful.Contains(index) ? BreakingModel.Harmful : $"{index + 1}")}}}{{filling}}"""));
        var results = new List<string[]>();
        foreach (var (id, most) in ((string, string)[])[("several", ""), ("one", ""","maxWorkerCount":"1" """)])
        {
            await SubmitAsync(service, id, model, most);
            var job = await service.WaitForJobAsync($"projects/p/jobs/{id}", "SUCCEEDED");
            Assert.Equal(($"{Lines - 3}", "3"), ($"{job["predictionOutput"]!["predictionCount"]}", $"{job["predictionOutput"]!["errorCount"]}"));
            results.Add(await FileAsync(service, id, "results"));
            var errors = (await FileAsync(service, id, "errors_stats")).Select(line => JsonNode.Parse(line)!).ToArray();
            Assert.Equal(harmful.Select(index => $"a.json {index + 1}"), errors.Select(error => $"{error["file"]} {error["line"]}"));
            Assert.All(errors, error => Assert.StartsWith("the imported model fails on it: its process ended", $"{error["error"]}"));
        }

        Assert.Equal(results[1], results[0]);
        Assert.Equal(
            Enumerable.Range(0, Lines).Except(harmful).Select(index => 2f * (index + 1)),
            results[0].Select(line => float.Parse(line, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","maxWorkerCount":"1" """)]
    public async Task A_model_that_breaks_on_line_after_line_is_given_up_with_the_line_and_the_reason(string most)
    {
        await using var service = await StartAsync();
        var filling = new string(' ', 1 << 20);
        Write(service, Enumerable.Range(1, 40).Select(number => $$"""{"X":{{(number < 5 ? $"{number}" : BreakingModel.Harmful)}}}{{filling}}"""));
        await SubmitAsync(service, "j1", await BreakingModel.SaveAsync(service.At("model")), most);
        var job = await service.WaitForJobAsync("projects/p/jobs/j1", "FAILED");
        Assert.Contains(
            "given up at line 14 of 'a.json': it is the 10th in a row on which its imported model fails: its process ended", $"{job["errorMessage"]}");
    }
}
