using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Jobs;

/// <summary>Jobs from beginning to end, in processes of their own.</summary>
public sealed class JobTests
{
    static string Training(string id, string data) => new JsonObject
    {
        ["jobId"] = id,
        ["trainingInput"] = new JsonObject { ["scaleTier"] = "BASIC", ["pipeline"] = JsonNode.Parse(TripsModel.Pipeline), ["dataUris"] = new JsonArray(data) },
    }.ToJsonString();

    static string Package(string id, string folder, string module, string more = "") =>
        $$"""{"jobId":"{{id}}","trainingInput":{"packageUris":["{{folder}}"],"pythonModule":"{{module}}","jobDir":"gs://p-b/{{id}}"{{more}} } }""";

    [Fact]
    public async Task A_trained_pipeline_becomes_a_version_that_answers_as_the_model_itself()
    {
        await using var service = await RunningService.StartAsync();
        await service.DoAsync("POST", "/v1beta/projects/p/jobs", Training("j1", await TripsModel.DataAsync()));
        var job = await service.WaitForJobAsync("projects/p/jobs/j1", "SUCCEEDED");
        var place = $"{job["trainingOutput"]!["builtInAlgorithmOutput"]!["modelPath"]}";
        Assert.Equal("gs://capstan-jobs/p/j1/model", place);
        Assert.True((double)job["trainingOutput"]!["consumedMLUnits"]! > 0);
        await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"trips"}""");
        var operation = await service.WaitAsync(await service.DoAsync(
            "POST", "/v1/projects/p/models/trips/versions", $$"""{"name":"v1","deploymentUri":"{{place}}"}"""));
        Assert.Null(operation["error"]);
        await service.WithVersionAsync("p", "v2");

        // Trained by a job and trained by the library: the same model to the bit.
        var (one, other) = (
            await service.DoAsync("GET", "/v1beta/projects/p/models/trips/versions/v1:getLineage"),
            await service.DoAsync("GET", "/v1beta/projects/p/models/trips/versions/v2:getLineage"));
        Assert.Equal($"{other["modelHash"]}", $"{one["modelHash"]}");
        Assert.Contains(one["edges"]!.AsArray(), edge => $"{edge!["relation"]}" == "trained-on");
        Assert.Contains((await service.DoAsync("GET", "/v1beta/projects/p/jobs/j1/logEntries?pageSize=100"))["logEntries"]!.AsArray(), line => $"{line!["text"]}".StartsWith("Model ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_outlives_its_server()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-outlives-");
        var trainer = Trainer.Write(Path.Combine(folder.FullName, "trainer"), "waits", $"echo begun; while [ ! -e '{folder.FullName}/go' ]; do sleep 0.1; done; echo done > result; echo ended");
        await using (var service = await RunningService.StartAsync(folder: Path.Combine(folder.FullName, "data")))
        {
            await service.DoAsync("POST", "/v1/projects/p/jobs", Package("j1", trainer, "waits"));
            await service.WaitForJobAsync("projects/p/jobs/j1", "RUNNING");
        }

        File.WriteAllText(Path.Combine(folder.FullName, "go"), "");
        await using (var service = await RunningService.StartAsync(folder: Path.Combine(folder.FullName, "data")))
        {
            await service.WaitForJobAsync("projects/p/jobs/j1", "SUCCEEDED");
            Assert.Equal("done\n", await service.Http.GetStringAsync("/storage/v1/b/p-b/o/j1%2Fresult?alt=media"));
            var lines = (await service.DoAsync("GET", "/v1beta/projects/p/jobs/j1/logEntries?pageSize=100"))["logEntries"]!.AsArray().Select(line => $"{line!["text"]}");
            Assert.Equal(["Running waits.", "begun", "ended", "Done."], lines);
        }

        folder.Remove();
    }

    [Fact]
    public async Task Trainers_get_what_CMLE_gave_them_and_nothing_of_the_server()
    {
        await using var service = await RunningService.StartAsync();
        var trainer = Trainer.Write(service.At("trainer"), "shows", "printf '%s\\n' \"$@\" > args; env > env; exit 0");
        await service.DoAsync("POST", "/v1/projects/p/jobs", Package("j1", trainer, "shows", ""","args":["--epochs","3"],"runtimeVersion":"2.11" """));
        await service.WaitForJobAsync("projects/p/jobs/j1", "SUCCEEDED");
        var arguments = (await service.Http.GetStringAsync("/storage/v1/b/p-b/o/j1%2Fargs?alt=media")).Trim().Split('\n');
        Assert.Equal(["--epochs", "3", "--job-dir"], arguments[..3]);
        Assert.EndsWith("/jobs/p/j1/output", arguments[3]);
        var environment = (await service.Http.GetStringAsync("/storage/v1/b/p-b/o/j1%2Fenv?alt=media")).Split('\n').Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(("j1", "p"), (environment["CLOUD_ML_JOB_ID"], environment["CLOUD_ML_PROJECT_ID"]));
        var configuration = JsonNode.Parse(environment["TF_CONFIG"])!;
        Assert.Equal(("chief", 0, "cloud"), ($"{configuration["task"]!["type"]}", (int)configuration["task"]!["index"]!, $"{configuration["environment"]}"));
        Assert.Equal(["chief"], configuration["cluster"]!.AsObject().Select(each => each.Key));
        Assert.DoesNotContain(environment.Keys, name => name.Contains("AWS", StringComparison.Ordinal) || name.Contains("CAPSTAN", StringComparison.Ordinal) || name == RunningService.SecretVariable);
    }

    [Fact]
    public async Task A_job_that_runs_too_long_is_cancelled_and_one_that_fails_says_how()
    {
        await using var service = await RunningService.StartAsync(options => options with { JobSlots = 2 });
        var trainer = Trainer.Write(service.At("trainer"), "sleeps", "sleep 600");
        Trainer.Write(trainer, "fails", "echo oh no >&2; exit 3");
        await service.DoAsync("POST", "/v1/projects/p/jobs", Package("long", trainer, "sleeps", ""","scheduling":{"maxRunningTime":"1s"}"""));
        await service.DoAsync("POST", "/v1/projects/p/jobs", Package("wrong", trainer, "fails"));
        Assert.Contains("maxRunningTime of 1 seconds", $"{(await service.WaitForJobAsync("projects/p/jobs/long", "CANCELLED"))["errorMessage"]}");
        Assert.Contains("exit code 3", $"{(await service.WaitForJobAsync("projects/p/jobs/wrong", "FAILED"))["errorMessage"]}");
        var logs = (await service.DoAsync("GET", "/v1beta/projects/p/jobs/wrong/logEntries"))["logEntries"]!.AsArray();
        Assert.Contains(logs, line => ($"{line!["severity"]}", $"{line["text"]}") == ("WARNING", "oh no"));
    }

    [Fact]
    public async Task A_job_that_waits_knows_its_place_and_is_cancelled_at_once()
    {
        await using var service = await RunningService.StartAsync(options => options with { Jobs = null });
        foreach (var id in (string[])["a", "b"])
        {
            await service.DoAsync("POST", "/v1/projects/p/jobs", Package(id, "/none", "x"));
        }

        Assert.Equal("2", $"{(await service.DoAsync("GET", "/v1/projects/p/jobs/b"))["jobPosition"]}");
        await service.DoAsync("POST", "/v1/projects/p/jobs/a:cancel");
        Assert.Equal("CANCELLED", $"{(await service.DoAsync("GET", "/v1/projects/p/jobs/a"))["state"]}");
        Assert.Equal("1", $"{(await service.DoAsync("GET", "/v1/projects/p/jobs/b"))["jobPosition"]}");
        await service.RefuseAsync(400, "POST", "/v1/projects/p/jobs/a:cancel");
    }

    [Theory]
    [InlineData("zip", "../evil")]
    [InlineData("tar.gz", "../evil")]
    [InlineData("tar.gz", "link")]
    public async Task Packages_that_lead_out_of_their_folder_are_refused(string kind, string entry)
    {
        await using var service = await RunningService.StartAsync();
        var package = service.At($"package.{kind}");
        if (kind == "zip")
        {
            using var archive = System.IO.Compression.ZipFile.Open(package, System.IO.Compression.ZipArchiveMode.Create);
            archive.CreateEntry(entry);
        }
        else
        {
            using var gzip = new System.IO.Compression.GZipStream(File.Create(package), System.IO.Compression.CompressionMode.Compress);
            using var tar = new System.Formats.Tar.TarWriter(gzip);
            tar.WriteEntry(entry == "link"
                ? new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.SymbolicLink, "link") { LinkName = "../../../../../etc" }
                : new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, entry));
        }

        await service.DoAsync("POST", "/v1/projects/p/jobs", Package("j", package, "evil"));
        await service.WaitForJobAsync("projects/p/jobs/j", "FAILED");
        Assert.Empty(Directory.EnumerateFiles(service.Folder, "evil", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("""{"jobId":"j"}""", "trainingInput")]
    [InlineData("""{"jobId":"1j","trainingInput":{"pythonModule":"x"}}""", "jobId")]
    [InlineData("""{"jobId":"j","trainingInput":{"pythonModule":"x","workerCount":"2"}}""", "trainingInput.workerCount")]
    [InlineData("""{"jobId":"j","trainingInput":{"pythonModule":"x","scaleTier":"CUSTOM"}}""", "trainingInput.masterType")]
    [InlineData("""{"jobId":"j","trainingInput":{"pythonModule":"x","scaleTier":"CUSTOM","masterType":"a","workerCount":1}}""", "trainingInput.workerType")]
    [InlineData("""{"jobId":"j","trainingInput":{"pythonModule":"x","scaleTier":"HUGE"}}""", "trainingInput.scaleTier")]
    [InlineData("""{"jobId":"j","trainingInput":{"pythonModule":"x","hyperparameters":{"params":[{"parameterName":"a","type":"DOUBLE","minValue":0,"maxValue":1,"scaleType":"UNIT_LOG_SCALE"}]}}}""", "trainingInput.hyperparameters.params[0].scaleType")]
    [InlineData("""{"jobId":"j","trainingInput":{"pythonModule":"x","hyperparameters":{"params":[{"parameterName":"a","type":"DISCRETE","discreteValues":[2,1]}]}}}""", "trainingInput.hyperparameters.params[0].discreteValues")]
    [InlineData("""{"jobId":"j","predictionInput":{"dataFormat":"TF_RECORD","modelName":"m","inputPaths":["x"],"outputPath":"y"}}""", "predictionInput.dataFormat")]
    [InlineData("""{"jobId":"j","predictionInput":{"dataFormat":"JSON","modelName":"m","uri":"u","inputPaths":["x"],"outputPath":"y"}}""", "predictionInput.modelName")]
    public async Task What_is_wrong_with_a_job_is_told_by_its_field(string body, string field)
    {
        await using var service = await RunningService.StartAsync(options => options with { Jobs = null });
        var (_, json) = await service.SendAsync("POST", "/v1/projects/p/jobs", body);
        Assert.Equal(field, $"{json["error"]!["details"]![0]!["fieldViolations"]![0]!["field"]}");
    }
}
