using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>A peer in a process of its own (benchmarks/Peers.X), idle until told to work: a line asks, a line answers.</summary>
sealed class PeerProcess : IDisposable
{
    readonly Process _process;
    readonly string _hint;

    /// <param name="runtime">What runs it: dotnet or python3.</param>
    /// <param name="program">Relative to the benchmarks' folder; benchmarks/run has built it where it must be.</param>
    /// <param name="hint">What may help if the peer ends early.</param>
    PeerProcess(string runtime, string program, string hint)
    {
        var path = Path.Combine(Repository.Root(), "benchmarks", program);
        _hint = hint;
        _process = Process.Start(
            new ProcessStartInfo(runtime, [path]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"The peer at {path} did not start.");
    }

    public static PeerProcess MlNet() => new(
        "dotnet", "Peers.MlNet/bin/Release/net10.0/Peers.MlNet.dll", "Is benchmarks/Peers.MlNet built? benchmarks/run does it.");

    public static PeerProcess TorchSharp() => new(
        "dotnet", "Peers.TorchSharp/bin/Release/net10.0/linux-x64/Peers.TorchSharp.dll",
        "If its library failed to load, delete benchmarks/Peers.TorchSharp/bin and try again.");

    /// <summary>pandas and scikit-learn; null where Python or one of them is not installed.</summary>
    public static PeerProcess? Pandas() => ((string[])["python3", "/usr/bin/python3"]).FirstOrDefault(HasPandas) is { } python
        ? new(python, "Peers.Python/analysis_peer.py", "Its message may tell what is missing.")
        : null;

    public string Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(
            $"The peer ended at '{command}'; its message is above. {_hint}");
    }

    public double[] AskNumbers(string command) =>
        [.. Ask(command).Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    // Debian's packages belong to Debian's Python, which need not be the first one found.
    static bool HasPandas(string python)
    {
        try
        {
            using var look = Process.Start(
                new ProcessStartInfo(python, ["-c", "import pandas, sklearn"]) { RedirectStandardError = true });
            look!.WaitForExit(); // not null: a program is started, no document opened
            return look.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is none of this name
        }
    }
}
