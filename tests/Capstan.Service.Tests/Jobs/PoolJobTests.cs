using System.Text.Json.Nodes;
using Capstan.Cluster.Tests;

namespace Capstan.Service.Tests.Jobs;

/// <summary>Jobs that ask for workers and parameter servers, on a server that has a pool of machines: processes of this one.</summary>
public sealed class PoolJobTests
{
    const string Network =
        """{"name":"fares","label":"fare_amount","estimator":{"kind":"DnnRegressor","hiddenUnits":[8],"epochs":4,"batchSize":64},"seed":3}""";

    const string Custom = """ "scaleTier":"CUSTOM","masterType":"standard","workerCount":"2","workerType":"standard","parameterServerCount":"1","parameterServerType":"standard" """;

    static Task<RunningService> StartAsync(string? folder = null) => RunningService.StartAsync(
        options => options with { Jobs = RunningService.JobsOn("--pool", "local:16", "--address", "127.0.0.1") }, folder);

    [Fact]
    public async Task Workers_and_parameter_servers_train_the_model_of_one_machine()
    {
        await using var service = await StartAsync();
        var data = await TripsModel.DataAsync();
        string Job(string id, string tier) =>
            $$"""{"jobId":"{{id}}","trainingInput":{ {{tier}},"pipeline":{{Network}},"dataUris":["{{data}}"]} }""";
        await service.DoAsync("POST", "/v1beta/projects/p/jobs", Job("several", Custom));
        await service.DoAsync("POST", "/v1beta/projects/p/jobs", Job("one", """ "scaleTier":"BASIC" """));
        await service.DoAsync("POST", "/v1/projects/p/models", """{"name":"fares"}""");
        var hashes = new List<string>();
        foreach (var id in (string[])["several", "one"])
        {
            var job = await service.WaitForJobAsync($"projects/p/jobs/{id}", "SUCCEEDED");
            var operation = await service.WaitAsync(await service.DoAsync("POST", "/v1/projects/p/models/fares/versions",
                $$"""{"name":"{{id}}","deploymentUri":"{{job["trainingOutput"]!["builtInAlgorithmOutput"]!["modelPath"]}}"}"""));
            Assert.Null(operation["error"]);
            hashes.Add($"{(await service.DoAsync("GET", $"/v1beta/projects/p/models/fares/versions/{id}:getLineage"))["modelHash"]}");
        }

        Assert.Equal(hashes[1], hashes[0]);
        Assert.Contains(await LinesAsync(service, "several"), line => line.Text.Contains("epoch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_of_data_that_begin_in_the_jobs_folder_lead_there_on_every_machine()
    {
        var place = Directory.CreateTempSubdirectory("capstan-pool-job-").FullName;
        File.Copy(await TripsModel.DataAsync(), Path.Combine(place, "trips.csv"));
        var folder = new JobFolder(place);
        folder.Write(new JobOrder.TrainPipeline
        {
            Job = "projects/p/jobs/near", MaxRunningTime = TimeSpan.FromHours(1), Members = new JobMembers(2, 1, 0, 1), Pipeline = Network,
            Data = ["trips.csv"],
        });
        await RunningService.JobsOn("--pool", "local:16", "--address", "127.0.0.1").StartAsync(place, CancellationToken.None);
        while (folder.Outcome is null)
        {
            await Task.Delay(50);
        }

        Assert.True(folder.Outcome.State == "SUCCEEDED", folder.Outcome.Message);
        Folders.Remove(place);
    }

    [Fact]
    public async Task A_large_batch_prediction_by_workers_writes_the_files_that_one_process_writes()
    {
        await using var service = await StartAsync();
        Directory.CreateDirectory(service.At("input"));
        await using (var lines = new StreamWriter(service.At("input/a.json")))
        {
            for (var index = 0; index < 38_000; index++)
            {
                var filling = new string('x', 900);
                await lines.WriteLineAsync(index % 5000 == 77 ? "{" : $$"""{"trip_distance":{{index % 97}}.5,"payment_type":"{{filling}}"}""");
            }
        }

        var results = new List<string>();
        foreach (var (id, most) in ((string, string)[])[("several", ""), ("one", ""","maxWorkerCount":"1" """)])
        {
            await service.DoAsync("POST", "/v1/projects/p/jobs",
                $$"""{"jobId":"{{id}}","predictionInput":{"dataFormat":"JSON","uri":"{{await TripsModel.FolderAsync}}","inputPaths":["{{service.At("input/a.json")}}"],"outputPath":"gs://p-b/{{id}}","region":"here"{{most}} } }""");
            var job = await service.WaitForJobAsync($"projects/p/jobs/{id}", "SUCCEEDED");
            results.Add($"{job["predictionOutput"]!["predictionCount"]} {job["predictionOutput"]!["errorCount"]}");
            results.Add(await service.Http.GetStringAsync($"/storage/v1/b/p-b/o/{id}%2Fprediction.results-00000-of-00001?alt=media"));
            results.Add(await service.Http.GetStringAsync($"/storage/v1/b/p-b/o/{id}%2Fprediction.errors_stats-00000-of-00001?alt=media"));
        }

        Assert.Equal(results[3..], results[..3]);
        Assert.Contains("\"line\":\"78\"", results[2]);
        Assert.Contains(await LinesAsync(service, "several"), line => line.Text.StartsWith("coordinated by worker", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Members_of_a_trainer_find_each_other_and_their_lines_say_who_wrote_them()
    {
        await using var service = await StartAsync();
        var trainer = Trainer.Write(service.At("trainer"), "shows", "printf '%s' \"$TF_CONFIG\" > \"$CAPSTAN_MEMBER\"; env > \"env-$CAPSTAN_MEMBER\"; echo \"I am $CAPSTAN_MEMBER $CLOUD_ML_JOB_ID\"; while [ \"$(ls env-* | wc -l)\" -lt 4 ]; do sleep 0.1; done");
        await service.DoAsync("POST", "/v1/projects/p/jobs",
            $$"""{"jobId":"j1","trainingInput":{"packageUris":["{{trainer}}"],"pythonModule":"shows","jobDir":"gs://p-b/j1","runtimeVersion":"1.15",{{Custom}}} }""");
        var job = await service.WaitForJobAsync("projects/p/jobs/j1", "SUCCEEDED");
        Assert.True((double)job["trainingOutput"]!["consumedMLUnits"]! > 0);
        var master = JsonNode.Parse(await service.Http.GetStringAsync("/storage/v1/b/p-b/o/j1%2Fchief-0?alt=media"))!;
        var worker = JsonNode.Parse(await service.Http.GetStringAsync("/storage/v1/b/p-b/o/j1%2Fworker-1?alt=media"))!;
        Assert.Equal(["master", "ps", "worker"], master["cluster"]!.AsObject().Select(each => each.Key).Order());
        Assert.Equal(("master", "worker", 1), ($"{master["task"]!["type"]}", $"{worker["task"]!["type"]}", (int)worker["task"]!["index"]!));
        Assert.Equal(("2", master["cluster"]!.ToJsonString()), ($"{worker["job"]!["workerCount"]}", worker["cluster"]!.ToJsonString()));
        var environment = await service.Http.GetStringAsync("/storage/v1/b/p-b/o/j1%2Fenv-worker-0?alt=media");
        Assert.DoesNotContain("CAPSTAN_TOKEN", environment);
        Assert.DoesNotContain(RunningService.SecretVariable, environment);
        var lines = await LinesAsync(service, "j1");
        Assert.Contains(("worker-replica-1", "I am worker-1 j1"), lines);
        Assert.Contains(("ps-replica-0", "I am ps-0 j1"), lines);
        Assert.Contains(("master-replica-0", "I am chief-0 j1"), lines);
    }

    [Fact]
    public async Task Members_run_on_machines_that_Slurm_gives()
    {
        _ = SlurmCluster.Shared;
        await using var service = await RunningService.StartAsync(
            options => options with { Jobs = RunningService.JobsOn("--pool", "slurm", "--address", "127.0.0.1") });
        var trainer = Trainer.Write(service.At("trainer"), "shows", "echo \"I am $CAPSTAN_MEMBER in $SLURM_JOB_ID\"; touch \"at-$CAPSTAN_MEMBER\"; while [ \"$(ls at-* | wc -l)\" -lt 2 ]; do sleep 0.1; done");
        await service.DoAsync("POST", "/v1/projects/p/jobs",
            $$"""{"jobId":"j1","trainingInput":{"packageUris":["{{trainer}}"],"pythonModule":"shows","scaleTier":"CUSTOM","masterType":"standard","workerCount":"1","workerType":"standard"} }""");
        await service.WaitForJobAsync("projects/p/jobs/j1", "SUCCEEDED");
        Assert.Contains(await LinesAsync(service, "j1"), line => line.Replica == "worker-replica-0" && !line.Text.EndsWith("in ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_on_machines_outlives_its_server_and_is_cancelled_with_all_its_members()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-pool-job-");
        var trainer = Trainer.Write(Path.Combine(folder.FullName, "trainer"), "waits", "echo $$ > \"pid-$CAPSTAN_MEMBER\"; while true; do sleep 0.1; done");
        await using (var service = await StartAsync(Path.Combine(folder.FullName, "data")))
        {
            await service.DoAsync("POST", "/v1/projects/p/jobs",
                $$"""{"jobId":"j1","trainingInput":{"packageUris":["{{trainer}}"],"pythonModule":"waits",{{Custom}}} }""");
            await service.WaitForJobAsync("projects/p/jobs/j1", "RUNNING");
        }

        var output = Path.Combine(folder.FullName, "data", "jobs", "p", "j1", "output");
        while (!Directory.Exists(output) || Directory.GetFiles(output, "pid-*").Count(file => new FileInfo(file).Length > 0) < 4)
        {
            await Task.Delay(50);
        }

        var processes = Directory.GetFiles(output, "pid-*").Select(file => int.Parse(File.ReadAllText(file))).ToArray();
        await using (var service = await StartAsync(Path.Combine(folder.FullName, "data")))
        {
            Assert.All(processes, process => Assert.True(Directory.Exists($"/proc/{process}")));
            await service.DoAsync("POST", "/v1/projects/p/jobs/j1:cancel");
            await service.WaitForJobAsync("projects/p/jobs/j1", "CANCELLED");
            while (processes.Any(process => Directory.Exists($"/proc/{process}")))
            {
                await Task.Delay(50);
            }
        }

        folder.Remove();
    }

    static async Task<List<(string Replica, string Text)>> LinesAsync(RunningService service, string job) =>
        [.. (await service.DoAsync("GET", $"/v1beta/projects/p/jobs/{job}/logEntries?pageSize=100"))["logEntries"]!.AsArray()
            .Select(line => ($"{line!["replica"]}", $"{line["text"]}"))];
}
