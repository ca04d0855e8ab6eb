using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Capstan.Cluster.Tests;

/// <summary>The command line as processes of their own, in a folder of their own.</summary>
sealed partial class CommandLine : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-cluster-training-");

    public string At(string name) => Path.Combine(_folder.FullName, name);

    /// <param name="before">What the command runs under, such as <c>ip netns exec NAME</c>.</param>
    public Process Start(string arguments, string before = "", (string Name, string Value)[]? variables = null)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo("bash", ["-c", $"exec {before} '{dotnet}' '{Path.Combine(AppContext.BaseDirectory, "Capstan.Cli.dll")}' {arguments}"])
        {
            WorkingDirectory = _folder.FullName, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in variables ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!; // the system has bash, or ./capstan would not run either
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it wrote, of both kinds.</returns>
    public async Task<string> RunAsync(string arguments, (string Name, string Value)[]? variables = null)
    {
        using var process = Start(arguments, "", variables);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"capstan {arguments}\nended with {process.ExitCode}:\n{await error}{await output}");
        return await output + await error;
    }

    /// <summary>Writes rows and a pipeline, and trains it here.</summary>
    /// <param name="name">What the model is to be named.</param>
    /// <returns>The content hash of the model.</returns>
    public async Task<string> TrainAloneAsync(string estimator, string name = "alone")
    {
        if (!File.Exists(At("trips.csv")))
        {
            await RunAsync("simulate trips --rows 5000 trips.csv");
        }

        await File.WriteAllTextAsync(At("p.json"), $$"""{ "name": "fares", "label": "fare_amount", "estimator": {{estimator}} }""");
        return HashIn(await RunAsync($"train p.json --data trips.csv --out {name}"));
    }

    public static string HashIn(string said) => HashLine().Match(said).Groups[1].Value;

    public void Dispose() => _folder.Remove();

    [GeneratedRegex(@"hash\s+([0-9a-f]{64})")]
    private static partial Regex HashLine();
}
