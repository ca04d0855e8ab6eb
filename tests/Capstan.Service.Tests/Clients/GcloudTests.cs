using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Service.Tests.Clients;

/// <summary>
/// What <c>gcloud ai-platform</c> (528.0.0) sends, recorded and sent again in its order; and the command itself where it is installed.
/// </summary>
public sealed class GcloudTests
{
    [Fact]
    public async Task The_recorded_story_of_the_command_is_answered_as_it_wants()
    {
        await using var service = await RunningService.StartAsync();
        await UploadModelAsync(service);
        const string Models = "/v1/projects/p1/models";
        var model = await service.DoAsync("POST", $"{Models}?alt=json", """{"description": "d", "labels": {"a": "b"}, "name": "m1", "onlinePredictionConsoleLogging": false, "onlinePredictionLogging": true, "regions": ["us-central1"]}""");
        Assert.Equal(8, Convert.FromBase64String($"{model["etag"]}").Length); // the command crashes on anything but base 64
        await service.DoAsync("GET", $"{Models}/m1?alt=json");
        await WaitAsync(service, await service.DoAsync("PATCH", $"{Models}/m1?alt=json&updateMask=labels%2Cdescription", """{"description": "x", "labels": {"k": "v"}}"""));
        await WaitAsync(service, await service.DoAsync("POST", $"{Models}/m1/versions?alt=json", """{"deploymentUri": "gs://b/m", "framework": "TENSORFLOW", "machineType": "n1-standard-2", "name": "v1", "pythonVersion": "3.7", "runtimeVersion": "2.11"}"""));
        Assert.Single((await service.DoAsync("GET", $"{Models}/m1/versions?alt=json&pageSize=100"))["versions"]!.AsArray());
        Assert.Equal("READY", $"{(await service.DoAsync("GET", $"{Models}/m1/versions/v1?alt=json"))["state"]}");
        await service.DoAsync("POST", $"{Models}/m1/versions/v1:setDefault?alt=json", "{}");
        await WaitAsync(service, await service.DoAsync("PATCH", $"{Models}/m1/versions/v1?alt=json&updateMask=description", """{"description": "zz"}"""));
        Assert.NotNull((await service.DoAsync("POST", $"{Models}/m1/versions/v1:predict", $$"""{"instances": [{{TripsModel.Instance}}]}"""))["predictions"]);
        await service.DoAsync("POST", $"{Models}/m1:predict", $$"""{"instances": [{{TripsModel.Instance}}]}""");
        const string Jobs = "/v1/projects/p1/jobs";
        await service.DoAsync("POST", $"{Jobs}?alt=json", """{"jobId": "j3", "trainingInput": {"enableWebAccess": false, "masterConfig": {"imageUri": "x/y:1"}, "masterType": "n1-standard-4", "region": "us-central1", "scaleTier": "CUSTOM", "useChiefInTfConfig": true, "workerConfig": {"imageUri": "x/w:1"}, "workerCount": "2", "workerType": "n1-standard-4"}}""");
        Assert.Contains("container image", $"{(await service.WaitForJobAsync("projects/p1/jobs/j3", "FAILED"))["errorMessage"]}");
        await service.DoAsync("POST", $"{Jobs}?alt=json", """{"jobId": "b1", "predictionInput": {"dataFormat": "TEXT", "inputPaths": ["gs://b/in*"], "maxWorkerCount": "3", "modelName": "projects/p1/models/m1", "outputPath": "gs://b/out", "region": "us-central1"}}""");
        Assert.Equal("1", $"{(await service.WaitForJobAsync("projects/p1/jobs/b1", "SUCCEEDED"))["predictionOutput"]!["predictionCount"]}");
        Assert.Single((await service.Http.GetStringAsync("/storage/v1/b/b/o/out%2Fprediction.results-00000-of-00001?alt=media")).Trim().Split('\n'));
        await service.DoAsync("POST", $"{Jobs}?alt=json", """{"jobId": "j1", "labels": {"a": "b"}, "trainingInput": {"args": ["--epochs", "3"], "enableWebAccess": false, "jobDir": "gs://bucket1/j", "packageUris": ["gs://bucket1/t.tar.gz"], "pythonModule": "trainer.task", "pythonVersion": "3.7", "region": "us-central1", "runtimeVersion": "2.11", "scaleTier": "BASIC"}}""");
        await service.WaitForJobAsync("projects/p1/jobs/j1", "FAILED");
        await service.DoAsync("GET", $"{Jobs}/j1?alt=json");
        Assert.Equal(3, (await service.DoAsync("GET", $"{Jobs}?alt=json&pageSize=100"))["jobs"]!.AsArray().Count);
        await service.DoAsync("PATCH", $"{Jobs}/j1?alt=json&updateMask=labels", """{"labels": {"z": "y"}}""");
        var entries = await service.DoAsync("POST", "/v2/entries:list?alt=json", """{"filter": "(resource.type=\"ml_job\" OR resource.type=\"cloudml_job\") AND resource.labels.job_id=\"b1\" AND timestamp>=\"1970-01-01T01:00:00.000000000Z\" AND timestamp<\"2126-11-22T21:20:41.327628Z\"", "orderBy": "timestamp asc", "pageSize": 1000, "resourceNames": ["projects/p1"]}""");
        Assert.Contains(entries["entries"]!.AsArray(), entry => $"{entry!["textPayload"]}" == "Done.");
        var operations = (await service.DoAsync("GET", "/v1/projects/p1/operations?alt=json&pageSize=100"))["operations"]!.AsArray();
        await service.DoAsync("POST", $"/v1/{operations[0]!["name"]}:cancel?alt=json");
        await WaitAsync(service, await service.DoAsync("DELETE", $"{Models}/m1/versions/v1?alt=json"));
        await WaitAsync(service, await service.DoAsync("DELETE", $"{Models}/m1?alt=json"));
        await service.RefuseAsync(404, "GET", $"{Models}/m1?alt=json");
    }

    [Fact]
    public async Task The_command_itself_goes_the_same_way_where_it_is_installed()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "gcloud"))))
        {
            // It can't be had everywhere; what it sends is sent above.
            return;
        }

        await using var service = await RunningService.StartAsync();
        await UploadModelAsync(service);
        var instances = service.At("instances.json");
        File.WriteAllText(instances, TripsModel.Instance + "\n");
        await RunAsync(service, "models create m1 --regions=us-central1 --description=d --enable-logging --labels=a=b");
        await RunAsync(service, "versions create v1 --model=m1 --region=global --origin=gs://b/m --runtime-version=2.11 --framework=tensorflow --python-version=3.7");
        Assert.Contains("READY", await RunAsync(service, "versions describe v1 --model=m1 --region=global"));
        Assert.Matches(@"\d+\.\d+", await RunAsync(service, $"predict --model=m1 --version=v1 --region=global --json-instances={instances}"));
        await RunAsync(service, "jobs submit prediction b1 --region=us-central1 --model=m1 --data-format=text --input-paths=gs://b/in* --output-path=gs://b/out");
        await service.WaitForJobAsync("projects/p1/jobs/b1", "SUCCEEDED");
        Assert.Contains("SUCCEEDED", await RunAsync(service, "jobs describe b1"));
        Assert.Contains("Done.", await RunAsync(service, "jobs stream-logs b1"));
        await RunAsync(service, "versions delete v1 --model=m1 --region=global --quiet");
        await RunAsync(service, "models delete m1 --region=global --quiet");
        await service.RefuseAsync(404, "GET", "/v1/projects/p1/models/m1");
    }

    /// <summary>As the command uploads packages: two parts, the boundary in single quotes.</summary>
    static async Task UploadModelAsync(RunningService service)
    {
        foreach (var file in Directory.EnumerateFiles(await TripsModel.FolderAsync))
        {
            using var parts = new MultipartContent("related", "===============8194554888699498720==");
            parts.Headers.Remove("Content-Type");
            parts.Headers.TryAddWithoutValidation("Content-Type", "multipart/related; boundary='===============8194554888699498720=='");
            parts.Add(new StringContent($$"""{"size": "{{new FileInfo(file).Length}}"}""", Encoding.UTF8, "application/json"));
            parts.Add(new ByteArrayContent(File.ReadAllBytes(file)));
            var name = Uri.EscapeDataString($"m/{Path.GetFileName(file)}");
            using var response = await service.Http.PostAsync($"/upload/storage/v1/b/b/o?alt=json&name={name}&uploadType=multipart", parts);
            var described = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            Assert.Equal($"{new FileInfo(file).Length}", $"{described["size"]}");
        }

        await service.Http.PostAsync("/upload/storage/v1/b/b/o?name=in1", new StringContent(TripsModel.Instance));
    }

    static async Task WaitAsync(RunningService service, JsonObject operation)
    {
        Assert.Equal("type.googleapis.com/google.cloud.ml.v1.OperationMetadata", $"{operation["metadata"]!["@type"]}");
        var done = await service.WaitAsync(operation);
        Assert.True(done["error"] is null, $"{done}");
    }

    static async Task<string> RunAsync(RunningService service, string line)
    {
        var start = new ProcessStartInfo("gcloud", ["ai-platform", .. line.Split(' ')]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_ML"] = $"{service.Server.Url}";
        start.Environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING"] = $"{service.Server.Url}";
        start.Environment["CLOUDSDK_AUTH_DISABLE_CREDENTIALS"] = "true";
        start.Environment["CLOUDSDK_CORE_PROJECT"] = "p1";
        start.Environment["CLOUDSDK_CONFIG"] = service.At("gcloud");
        using var gcloud = Process.Start(start)!; // a new process
        var (output, error) = (gcloud.StandardOutput.ReadToEndAsync(), gcloud.StandardError.ReadToEndAsync());
        await gcloud.WaitForExitAsync();
        Assert.True(gcloud.ExitCode == 0, $"gcloud ai-platform {line}: {await error}");
        return await output + await error;
    }
}
