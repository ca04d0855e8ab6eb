using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Capstan.Tests;

/// <summary>The programs in samples/ run as a reader would run them, with what they show.</summary>
public sealed class SamplesTests
{
    [Fact]
    public async Task Features_in_csharp_print_as_expressions_and_make_a_model()
    {
        var output = await RunAsync("samples/trips/features.cs");
        Assert.Contains("speed     z_score(trip_distance / max(trip_seconds / 3600, 0.01))\n", output, StringComparison.Ordinal);
        Assert.Contains("payment   vocabulary(payment_type)\n", output, StringComparison.Ordinal);
        Assert.Contains("rmse", output, StringComparison.Ordinal);
    }

    static async Task<string> RunAsync(string sample)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        using var run = Process.Start(new ProcessStartInfo(dotnet, ["run", "--configuration", "Release", sample])
        {
            WorkingDirectory = Repository.Root(), RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_NOLOGO"] = "1" },
        })!; // a program is started, not handed to a running one
        var (output, error) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == 0, $"{sample} ended with {run.ExitCode}:\n{await error}{await output}");
        return await output;
    }
}
