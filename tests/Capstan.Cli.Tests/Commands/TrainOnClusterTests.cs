using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Cluster;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>With real processes, in a folder of their own: nodes that die by SIGKILL are none that a test could simulate.</summary>
public sealed partial class TrainOnClusterTests : IDisposable
{
    // Long enough that it has not ended before what is to happen to it has.
    const string Pipeline =
        """
        { "name": "fares", "label": "fare_amount", "estimator":
          { "kind": "DnnRegressor", "hiddenUnits": [16], "epochs": 250, "patience": 250, "batchSize": 64 } }
        """;

    const string TreesPipeline =
        """
        { "name": "fares", "label": "fare_amount", "estimator":
          { "kind": "BoostedTreesRegressor", "trees": 300, "leaves": 15, "baggingShare": 0.9, "patience": 300 } }
        """;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-cli-cluster-");

    public void Dispose()
    {
        foreach (var node in Nodes())
        {
            Kill(node.Process);
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Whoever_is_killed_the_model_is_the_one_that_a_single_machine_trains()
    {
        await DoAsync("simulate", "trips", "--rows", "5000", At("trips.csv"));
        await File.WriteAllTextAsync(At("p.json"), Pipeline);
        var alone = await AskAsync("train", At("p.json"), "--data", At("trips.csv"), "--out", At("alone"));
        var job = (await RunAsync("train p.json --data trips.csv --out shared --workers 2 --parameter-servers 2 --detach")).Trim();

        // The process that submitted the job is gone. While its workers stand still, so that it can't end meanwhile, its coordinator dies, and a worker.
        var jobs = new JobStore(ClusterDatabase.Parse($"sqlite:{At(".capstan/cluster.db")}"), "capstan", TimeProvider.System);
        await UntilAsync(async () => await jobs.FindAsync(job, default) is { Epoch: 1, Progress: var far } && far.StartsWith("epoch ", StringComparison.Ordinal));
        var workers = Nodes().Where(node => node.Name.StartsWith("capstan-worker", StringComparison.Ordinal)).ToArray();
        workers.ToList().ForEach(node => Signal(node.Process, "STOP"));
        var stands = (await jobs.FindAsync(job, default))!; // it was submitted
        Assert.Equal((JobState.Running, 1L), (stands.State, stands.Epoch));
        Nodes().Where(node => node.Name == $"capstan-{stands.Coordinator}").ToList().ForEach(node => Kill(node.Process));
        Kill(workers[0].Process);
        workers[1..].ToList().ForEach(node => Signal(node.Process, "CONT"));

        await RunAsync($"cluster {job} --follow");
        Assert.InRange((await jobs.FindAsync(job, default))!.Epoch, 2, long.MaxValue); // as above

        var shared = await AskAsync("show", At("shared"));
        Assert.Equal(alone.GetProperty("hash").GetString(), shared.GetProperty("hash").GetString());
        await UntilAsync(() => Task.FromResult(Nodes().Length == 0));
    }

    [Fact]
    public async Task Whoever_is_killed_the_trees_are_those_of_an_undisturbed_run_and_as_good_as_one_machines()
    {
        await DoAsync("simulate", "trips", "--rows", "5000", At("trips.csv"));
        await DoAsync("simulate", "trips", "--rows", "5000", "--seed", "2", At("others.csv"));
        await File.WriteAllTextAsync(At("p.json"), TreesPipeline);
        await DoAsync("train", At("p.json"), "--data", At("trips.csv"), "--out", At("alone"));
        await RunAsync("train p.json --data trips.csv --out undisturbed --workers 2");
        var job = (await RunAsync("train p.json --data trips.csv --out shared --workers 2 --detach")).Trim();

        // First a worker that does not coordinate dies, then the coordinator with the other one.
        await UntilAsync(async () => Lines(await LogAsync(job), "| tree ") > 0);
        var first = await CoordinatorAsync(job, 1);
        Nodes().Where(node => node.Name != first).Take(1).ToList().ForEach(node => Kill(node.Process));
        await UntilAsync(async () => Lines(await LogAsync(job), "is lost") > 0 || await IsOverAsync(job));
        Nodes().Where(node => node.Name == first).ToList().ForEach(node => Kill(node.Process));

        await RunAsync($"cluster {job} --follow");

        var hash = (await AskAsync("show", At("undisturbed"))).GetProperty("hash").GetString();
        Assert.Equal(hash, (await AskAsync("show", At("shared"))).GetProperty("hash").GetString());
        var (alone, shared) = (await ErrorAsync("alone"), await ErrorAsync("shared"));
        Assert.InRange(shared, 0.93 * alone, 1.07 * alone);
        // What the workers said of themselves stays readable.
        Assert.Matches(@"worker-1 +tree \d+ of 300, [\d,]+ rows/s", await LogAsync(job));
    }

    [Fact]
    public async Task A_parameter_server_that_is_told_to_leave_hands_over_what_it_holds()
    {
        await DoAsync("simulate", "trips", "--rows", "5000", At("trips.csv"));
        await File.WriteAllTextAsync(At("p.json"), Pipeline);
        var alone = await AskAsync("train", At("p.json"), "--data", At("trips.csv"), "--out", At("alone"));
        // One server, so that nobody else has a copy.
        var job = (await RunAsync("train p.json --data trips.csv --out shared --workers 1 --parameter-servers 1 --detach")).Trim();
        await UntilAsync(async () => Lines(await LogAsync(job), "| epoch ") > 0);
        var leaving = Nodes().First(node => node.Name.StartsWith("capstan-ps", StringComparison.Ordinal));

        Signal(leaving.Process, "TERM");
        await RunAsync($"cluster {job} --follow");

        var log = await LogAsync(job);
        Assert.Contains("were placed anew", log);
        Assert.DoesNotContain("from the checkpoint", log);
        Assert.DoesNotContain("training begins again", log);
        var shared = await AskAsync("show", At("shared"));
        Assert.Equal(alone.GetProperty("hash").GetString(), shared.GetProperty("hash").GetString());
    }

    [Fact]
    public async Task A_job_whose_nodes_have_all_died_says_so_and_is_cancelled_at_once()
    {
        await DoAsync("simulate", "trips", "--rows", "5000", At("trips.csv"));
        await File.WriteAllTextAsync(At("p.json"), Pipeline);
        var job = (await RunAsync("train p.json --data trips.csv --out shared --workers 1 --parameter-servers 1 --detach")).Trim();
        await UntilAsync(async () => Lines(await LogAsync(job), "| epoch ") > 0);
        Assert.DoesNotContain("no node is alive", await LogAsync(job));
        var none = 0;
        await UntilAsync(() =>
        {
            // One that was on its way may come after the others are gone.
            var nodes = Nodes();
            nodes.ToList().ForEach(node => Kill(node.Process));
            return Task.FromResult((none = nodes.Length == 0 ? none + 1 : 0) > 10);
        });

        Assert.Contains($"no node is alive, so that nobody works for it; start one with 'capstan node', or wait for it, which gets one: 'capstan cluster {job} --follow'", await RunAsync($"cluster {job}"));
        Assert.Contains("no node is alive", await RunAsync("cluster"));
        Assert.Equal(("running", false), await StandsAsync(job) is var stands ? (stands.GetProperty("state").GetString(), stands.GetProperty("attended").GetBoolean()) : default);
        await RunAsync($"cluster {job} --cancel");
        Assert.Equal("cancelled", (await StandsAsync(job)).GetProperty("state").GetString());
        Assert.Contains("cancelled while no node was alive", await LogAsync(job));
    }

    [Fact]
    public async Task What_several_machines_can_not_train_is_refused_before_anything_is_read()
    {
        await File.WriteAllTextAsync(At("trips.csv"), "a,b\n1,2\n3,4\n");
        string[] line = ["train", "--data", At("trips.csv"), "--label", "b", "--out", At("m"), "--estimator"];

        Assert.Contains("leave out --parameter-servers", await RefuseAsync(
            ExitCodes.Usage, [.. line, "boosted-trees", "--workers", "2", "--parameter-servers", "1"]));
        Assert.Contains("expected at least 1 each", await RefuseAsync(ExitCodes.Usage, [.. line, "dnn", "--workers", "0"]));
        Assert.Contains("expected one of BASIC, STANDARD_1", await RefuseAsync(ExitCodes.Usage, [.. line, "dnn", "--scale-tier", "HUGE"]));
        Assert.Contains("--pushdown is for one machine", await RefuseAsync(ExitCodes.Usage, [.. line, "dnn", "--workers", "2", "--pushdown"]));
    }

    string At(string name) => Path.Combine(_folder.FullName, name);

    async Task<string> LogAsync(string job) => await RunAsync($"cluster {job} || true");

    async Task<JsonElement> StandsAsync(string job) =>
        JsonDocument.Parse(await RunAsync($"cluster {job} --json || true")).RootElement.GetProperty("jobs")[0].Clone();

    /// <summary>
    /// The node that coordinates under an epoch; waits for it, or for the end of the job, should it have been quicker than the killing.
    /// </summary>
    async Task<string> CoordinatorAsync(string job, int epoch)
    {
        await UntilAsync(async () => await StandsAsync(job) is var stands
            && (stands.GetProperty("epoch").GetInt64() >= epoch || stands.GetProperty("state").GetString() is not ("queued" or "running")));
        return $"capstan-{(await StandsAsync(job)).GetProperty("coordinator").GetString()}";
    }


    async Task<bool> IsOverAsync(string job) => (await StandsAsync(job)).GetProperty("state").GetString() is not ("queued" or "running");

    async Task<double> ErrorAsync(string model) =>
        (await AskAsync("evaluate", At(model), At("others.csv"))).GetProperty("metrics").GetProperty("rmse").GetDouble();

    static int Lines(string log, string part) => log.Split('\n').Count(line => line.Contains(part));

    /// <summary>The nodes of this folder's cluster that live: their logs have their names, and leases their processes.</summary>
    (string Name, int Process)[] Nodes()
    {
        var own = Directory.Exists(At(".capstan/jobs"))
            ? Directory.GetFiles(At(".capstan/jobs"), "*.log", SearchOption.AllDirectories).Select(file => $"capstan-{Path.GetFileNameWithoutExtension(file)}").ToHashSet()
            : [];
        return
        [
            .. from lease in Directory.Exists(ClusterPlace.Leases) ? Directory.GetFiles(ClusterPlace.Leases, "*-*") : []
               let name = TextOf(lease)
               let process = int.Parse(Path.GetFileName(lease).Split('-')[0])
               where own.Contains(name) && File.Exists($"/proc/{process}/stat") && !TextOf($"/proc/{process}/stat").Contains(") Z ")
               select (name, process),
        ];
    }

    // Leases and processes come and go while one looks.
    static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    static void Kill(int process) => Signal(process, "KILL");

    static void Signal(int process, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{process}"]);
        kill.WaitForExit();
    }

    async Task<string> RunAsync(string line)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var program = $"'{dotnet}' '{Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll")}'";
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"{program} {line}"])
        {
            WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
        })!; // the system has bash, or ./capstan would not run either
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"capstan {line}\nended with {shell.ExitCode}:\n{await error}{await output}");
        return await output;
    }

    static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var waited = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "not after two minutes");
            await Task.Delay(100);
        }
    }
}
