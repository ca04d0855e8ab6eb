using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Capstan.Cli.Tests.Commands;

/// <summary>Real processes, killed by SIGKILL.</summary>
public sealed class CheckpointTests
{
    [Theory]
    [InlineData("LinearRegressor")]
    [InlineData("DnnRegressor")]
    [InlineData("BoostedTreesRegressor")]
    public Task A_killed_training_run_again_gives_the_model_of_an_undisturbed_one(string estimator) => RepeatedAsync(async longer =>
    {
        using var place = await Workplace.WithTripsAsync(2000);
        var length = estimator.StartsWith("Boosted", StringComparison.Ordinal)
            ? $"\"trees\": {200 * longer}, \"patience\": {200 * longer}" : $"\"epochs\": {20 * longer}, \"patience\": {20 * longer}, \"batchSize\": 64";
        var pipeline = place.Write("p.json", $$"""
            { "label": "fare_amount", "features": { "distance": "z_score(trip_distance)", "payment": "vocabulary(payment_type)" },
              "estimator": { "kind": "{{estimator}}", {{length}} } }
            """);
        string[] train =
        [
            "train", pipeline, "--data", place.At("trips.csv"), "--out", place.At("model"), "--checkpoint", place.At("kept"), "--checkpoint-every", "1",
        ];
        var undisturbed = await Workplace.AskAsync("train", pipeline, "--data", place.At("trips.csv"), "--out", place.At("undisturbed"));
        if (!await KillAfterAsync(5, place.At("kept"), train) || !await KillAfterAsync(60, place.At("kept"), train))
        {
            return false;
        }

        Assert.False(Path.Exists(place.At("model")));
        var resumed = await Workplace.DoAsync([.. train, "--json"]);
        Assert.Contains("training goes on from the checkpoint", resumed.Error);
        Assert.Contains(undisturbed.GetProperty("hash").GetString()!, resumed.Output); // every training tells one
        return true;
    });

    [Fact]
    public Task Another_training_than_the_one_kept_is_refused_by_name() => RepeatedAsync(async longer =>
    {
        using var place = await Workplace.WithTripsAsync(2000 * longer);
        string[] train = ["train", "--data", place.At("trips.csv"), "--label", "fare_amount", "--checkpoint", place.At("kept"), "--checkpoint-every", "1"];
        if (!await KillAfterAsync(2, place.At("kept"), [.. train, "--out", place.At("a")]))
        {
            return false;
        }

        Assert.Contains("seed is 1 there and 2 here", await Workplace.RefuseAsync(ExitCodes.Usage, [.. train, "--out", place.At("b"), "--seed", "2"]));
        return true;
    });

    [Theory]
    [InlineData("--checkpoint-every", "5 m")]
    [InlineData("--checkpoint-every", "0")]
    [InlineData("--checkpoint-every", "30")]
    public async Task How_often_without_a_place_or_in_other_words_is_refused(params string[] words) => Assert.Contains(
        "--checkpoint-every", await RefuseAsync(["train", "--data", "no.csv", "--label", "x", .. words]));

    static async Task<string> RefuseAsync(string[] words)
    {
        var terminal = new Frame.CapturedTerminal();
        Assert.Equal(ExitCodes.Usage, await terminal.RunAsync(words));
        return terminal.Error;
    }

    /// <summary>Repeats what ended before it was killed, longer.</summary>
    /// <param name="attempt">Gets how many times as long as usual; false: it had ended.</param>
    static async Task RepeatedAsync(Func<int, Task<bool>> attempt)
    {
        for (var longer = 1; !await attempt(longer); longer *= 4)
        {
            Assert.True(longer < 16, "Each training, however long, ended before it was killed.");
        }
    }

    /// <summary>Kills the process when it has renamed so many checkpoints into place.</summary>
    /// <returns>False: it had ended before.</returns>
    static async Task<bool> KillAfterAsync(int checkpoints, string folder, string[] words)
    {
        Directory.CreateDirectory(folder);
        using var watcher = new FileSystemWatcher(folder, "*.state");
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Renamed += (_, _) =>
        {
            if (Interlocked.Decrement(ref checkpoints) == 0)
            {
                enough.TrySetResult();
            }
        };
        watcher.EnableRaisingEvents = true;
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        using var process = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll"), .. words])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!; // dotnet runs this very test
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var ended = process.WaitForExitAsync();
        if (await Task.WhenAny(enough.Task, ended) == enough.Task)
        {
            process.Kill(); // SIGKILL
        }

        await ended;
        Assert.True(process.ExitCode is ExitCodes.Ok or 137, $"It ended with {process.ExitCode}: {await error}{await output}");
        return process.ExitCode != ExitCodes.Ok;
    }
}
