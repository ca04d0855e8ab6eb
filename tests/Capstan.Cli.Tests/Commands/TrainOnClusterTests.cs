using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Cluster;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

/// <summary>With real processes, in a folder of their own: nodes that die by SIGKILL are none that a test could simulate.</summary>
public sealed partial class TrainOnClusterTests : IDisposable
{
    // Usually long enough that it has not ended before what is to happen to it has; one that has is repeated, longer.
    static string Network(int longer) =>
        $$"""
        { "name": "fares", "label": "fare_amount", "estimator":
          { "kind": "DnnRegressor", "hiddenUnits": [16], "epochs": {{250 * longer}}, "patience": {{250 * longer}}, "batchSize": 64 } }
        """;

    static string Trees(int longer) =>
        $$"""
        { "name": "fares", "label": "fare_amount", "estimator":
          { "kind": "BoostedTreesRegressor", "trees": {{300 * longer}}, "leaves": 15, "baggingShare": 0.9, "patience": {{300 * longer}} } }
        """;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-cli-cluster-");

    public void Dispose()
    {
        foreach (var node in Nodes())
        {
            Kill(node.Process);
        }

        _folder.Remove();
    }

    [Fact]
    public Task Whoever_is_killed_the_model_is_the_one_that_a_single_machine_trains() => RepeatedAsync(async longer =>
    {
        await WriteAsync(Network(longer));
        var alone = await HashAsync($"train p.json --data trips.csv --out alone{longer}");
        var job = await SubmitAsync($"train p.json --data trips.csv --out shared{longer} --workers 2 --parameter-servers 2");

        // The process that submitted the job is gone; its coordinator dies, and a worker.
        await UntilAsync("it learns", async () => await JobAsync(job) is var stands && (stands.IsOver || stands.Progress.StartsWith("epoch ", StringComparison.Ordinal)));
        var coordinator = $"capstan-{(await JobAsync(job)).Coordinator}";
        var killed = await KillAsync(job, nodes =>
        [
            .. nodes.Where(node => node.Name == coordinator),
            .. nodes.Where(node => node.Name != coordinator && node.Name.StartsWith("capstan-worker", StringComparison.Ordinal)).Take(1),
        ]);
        await RunAsync($"cluster {job} --follow");
        if (!killed)
        {
            return false;
        }

        Assert.InRange((await JobAsync(job)).Epoch, 2, long.MaxValue);
        Assert.Equal(alone, await HashAsync($"show shared{longer}"));
        await UntilAsync("all nodes have ended", () => Task.FromResult(Nodes().Length == 0));
        return true;
    });

    [Fact]
    public Task Whoever_is_killed_the_trees_are_those_of_an_undisturbed_run_and_as_good_as_one_machines() => RepeatedAsync(async longer =>
    {
        await WriteAsync(Trees(longer));
        await DoAsync("simulate", "trips", "--rows", "5000", "--seed", "2", At($"others{longer}.csv"));
        await RunAsync($"train p.json --data trips.csv --out alone{longer}");
        await RunAsync($"train p.json --data trips.csv --out undisturbed{longer} --workers 2");
        var job = await SubmitAsync($"train p.json --data trips.csv --out shared{longer} --workers 2");

        // First a worker that does not coordinate dies, then the coordinator with the other one.
        await UntilAsync("it grows trees", async () => Lines(await LogAsync(job), "| tree ") > 0 || (await JobAsync(job)).IsOver);
        var first = $"capstan-{(await JobAsync(job)).Coordinator}";
        var killed = await KillAsync(job, nodes => [.. nodes.Where(node => node.Name != first).Take(1)]);
        await UntilAsync("one is missed", async () => Lines(await LogAsync(job), "is lost") > 0 || (await JobAsync(job)).IsOver);
        killed &= await KillAsync(job, nodes => [.. nodes.Where(node => node.Name == first)]);
        await RunAsync($"cluster {job} --follow");
        if (!killed)
        {
            return false;
        }

        Assert.Equal(await HashAsync($"show undisturbed{longer}"), await HashAsync($"show shared{longer}"));
        var (alone, shared) = (await ErrorAsync($"alone{longer}", $"others{longer}.csv"), await ErrorAsync($"shared{longer}", $"others{longer}.csv"));
        Assert.InRange(shared, 0.93 * alone, 1.07 * alone);
        // What the workers said of themselves stays readable.
        Assert.Matches($@"worker-1 +tree [\d,]+ of {300 * longer:N0}, [\d,]+ rows/s", await LogAsync(job));
        return true;
    });

    [Fact]
    public Task A_parameter_server_that_is_told_to_leave_hands_over_what_it_holds() => RepeatedAsync(async longer =>
    {
        await WriteAsync(Network(longer));
        var alone = await HashAsync($"train p.json --data trips.csv --out alone{longer}");
        // One server, so that nobody else has a copy.
        var job = await SubmitAsync($"train p.json --data trips.csv --out shared{longer} --workers 1 --parameter-servers 1");
        await UntilAsync("it learns", async () => Lines(await LogAsync(job), "| epoch ") > 0 || (await JobAsync(job)).IsOver);

        Nodes().Where(node => node.Name.StartsWith("capstan-ps", StringComparison.Ordinal)).Take(1).ToList().ForEach(node => Signal(node.Process, "TERM"));
        await RunAsync($"cluster {job} --follow");

        // Not so where all was learned before the server had heard that it is to leave.
        var log = await LogAsync(job);
        if (!log.Contains("were placed anew", StringComparison.Ordinal))
        {
            return false;
        }

        Assert.DoesNotContain("from the checkpoint", log);
        Assert.DoesNotContain("training begins again", log);
        Assert.Equal(alone, await HashAsync($"show shared{longer}"));
        return true;
    });

    [Fact]
    public Task A_job_whose_nodes_have_all_died_says_so_and_is_cancelled_at_once() => RepeatedAsync(async longer =>
    {
        await WriteAsync(Network(longer));
        var job = await SubmitAsync($"train p.json --data trips.csv --out shared{longer} --workers 1 --parameter-servers 1");
        await UntilAsync("it learns", async () => Lines(await LogAsync(job), "| epoch ") > 0 || (await JobAsync(job)).IsOver);
        // Nodes of a busy machine may be silent for seconds.
        await UntilAsync("it is said to be worked for", async () => !(await LogAsync(job)).Contains("no node is alive", StringComparison.Ordinal));
        if (!await KillAsync(job, nodes => nodes))
        {
            return false;
        }

        var none = 0;
        await UntilAsync("no node lives, nor comes", () =>
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
        return true;
    });

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

    async Task<JobRecord> JobAsync(string job) => (await Jobs.FindAsync(job, default))!; // It was submitted.

    JobStore Jobs => new(ClusterDatabase.Parse($"sqlite:{At(".capstan/cluster.db")}"), "capstan", TimeProvider.System);

    async Task WriteAsync(string pipeline)
    {
        if (!File.Exists(At("trips.csv")))
        {
            await DoAsync("simulate", "trips", "--rows", "5000", At("trips.csv"));
        }

        await File.WriteAllTextAsync(At("p.json"), pipeline);
    }

    async Task<string> SubmitAsync(string line) => (await RunAsync($"{line} --detach")).Trim();

    async Task<string> HashAsync(string line) => JsonDocument.Parse(await RunAsync($"{line} --json")).RootElement.GetProperty("hash").GetString()!; // All have one.

    /// <summary>Repeats what happened to a job that was over too soon, with a longer one.</summary>
    /// <param name="attempt">Gets how many times as long as usual; false: too soon.</param>
    static async Task RepeatedAsync(Func<int, Task<bool>> attempt)
    {
        for (var longer = 1; !await attempt(longer); longer *= 4)
        {
            Assert.True(longer < 16, "Each job, however long, was over before anything could happen to it.");
        }
    }

    /// <summary>Kills nodes of a job in the middle of their work: all stand still while one looks whether it is not yet over.</summary>
    /// <returns>False: it is over, or there was nobody to kill.</returns>
    async Task<bool> KillAsync(string job, Func<(string Name, int Process)[], (string Name, int Process)[]> victims)
    {
        var nodes = Nodes();
        nodes.ToList().ForEach(node => Signal(node.Process, "STOP"));
        var chosen = (await JobAsync(job)).IsOver ? [] : victims(nodes);
        chosen.ToList().ForEach(node => Kill(node.Process));
        nodes.Except(chosen).ToList().ForEach(node => Signal(node.Process, "CONT"));
        return chosen.Length > 0;
    }

    async Task<double> ErrorAsync(string model, string data) =>
        (await AskAsync("evaluate", At(model), At(data))).GetProperty("metrics").GetProperty("rmse").GetDouble();

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

    static Task UntilAsync(string what, Func<Task<bool>> isSo) => Waiting.UntilAsync(what, isSo);
}
