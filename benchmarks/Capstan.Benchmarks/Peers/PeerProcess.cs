using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>A peer in a process of its own (benchmarks/Peers.X), idle until told to work: a line asks, a line answers.</summary>
sealed class PeerProcess : IDisposable
{
    readonly Process _process;
    readonly string _hint;

    /// <param name="assembly">Relative to the benchmarks' folder; benchmarks/run has built it.</param>
    /// <param name="hint">What may help if the peer ends early.</param>
    public PeerProcess(string assembly, string hint)
    {
        var path = Path.Combine(Repository.Root(), "benchmarks", assembly);
        _hint = hint;
        _process = Process.Start(
            new ProcessStartInfo("dotnet", [path]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"The peer at {path} did not start.");
    }

    public static PeerProcess MlNet() => new(
        "Peers.MlNet/bin/Release/net10.0/Peers.MlNet.dll", "Is benchmarks/Peers.MlNet built? benchmarks/run does it.");

    public static PeerProcess TorchSharp() => new(
        "Peers.TorchSharp/bin/Release/net10.0/linux-x64/Peers.TorchSharp.dll",
        "If its library failed to load, delete benchmarks/Peers.TorchSharp/bin and try again.");

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
}
