using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Predictions;

/// <summary>Imported models that a server answers for by itself, without a fleet.</summary>
public sealed class ForeignPredictionTests
{
    // As many as a server keeps.
    const int Kept = 32;

    [Fact]
    public async Task An_imported_model_that_is_kept_no_longer_has_no_process_and_gets_one_with_the_next_request()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-foreign-predictions-");
        var model = await BreakingModel.SaveAsync(Path.Combine(folder.FullName, "model"));
        await using (var server = await ServerProcess.StartAsync(Path.Combine(folder.FullName, "data")))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            await DeployAsync(http, "imported", model);
            await UntilAsync(() => ForeignProcesses(server.Process.Id).Length == 0); // That which looked at it.
            Assert.Equal("4", $"{JsonNode.Parse((await PredictAsync(http, "imported", """{"X":2}""")).Answer)!["predictions"]![0]}");
            var process = Assert.Single(ForeignProcesses(server.Process.Id));

            // Killed by what it was asked, it is another one's turn.
            var (status, answer) = await PredictAsync(http, "imported", $$"""{"X":{{BreakingModel.Harmful}}}""");
            Assert.True((status, $"{JsonNode.Parse(answer)!["error"]!["status"]}") == (500, "INTERNAL"), answer);
            Assert.Contains("its process ended", answer);
            Assert.Equal(200, (await PredictAsync(http, "imported", """{"X":2}""")).Status);
            Assert.NotEqual(process, Assert.Single(ForeignProcesses(server.Process.Id)));

            for (var number = 0; number < Kept; number++)
            {
                await DeployAsync(http, $"m{number}", await TripsModel.FolderAsync);
                Assert.Equal(200, (await PredictAsync(http, $"m{number}", TripsModel.Instance)).Status);
            }

            await UntilAsync(() => ForeignProcesses(server.Process.Id).Length == 0);
            Assert.Equal(200, (await PredictAsync(http, "imported", """{"X":2}""")).Status);
            Assert.Single(ForeignProcesses(server.Process.Id));
        }

        folder.Remove();
    }

    static async Task DeployAsync(HttpClient http, string model, string artifact)
    {
        using var created = await http.PostAsJsonAsync("/v1/projects/p/models", new { name = model });
        created.EnsureSuccessStatusCode();
        using var making = await http.PostAsJsonAsync($"/v1/projects/p/models/{model}/versions", new { name = "v1", deploymentUri = artifact });
        var operation = (await making.Content.ReadFromJsonAsync<JsonNode>())!;
        while (operation["done"] is null)
        {
            await Task.Delay(20);
            operation = (await http.GetFromJsonAsync<JsonNode>($"/v1/{operation["name"]}"))!;
        }

        Assert.True(operation["error"] is null, $"{operation}");
    }

    static async Task<(int Status, string Answer)> PredictAsync(HttpClient http, string model, string instance)
    {
        using var body = new StringContent($$"""{"instances":[{{instance}}]}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync($"/v1/projects/p/models/{model}:predict", body);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The processes of imported models that a process has started.</summary>
    static int[] ForeignProcesses(int parent) => [.. Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0 && IsForeign(id, parent))];

    static bool IsForeign(int process, int parent)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains("/capstan-foreign-", StringComparison.Ordinal)
                && File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ')[2] == parent.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return false; // It has just ended.
        }
    }

    static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(20);
        }
    }
}
