using System.Diagnostics;
using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>TorchSharp in a process of its own (benchmarks/Peers.TorchSharp), which works only when told to.</summary>
sealed class TorchSharpPeer : IDisposable
{
    readonly Process _process;

    public TorchSharpPeer(string taskPath)
    {
        // From benchmarks/Capstan.Benchmarks/bin/Release/net10.0 to the peer's output, which benchmarks/run has built.
        var path = Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "../../../../Peers.TorchSharp/bin/Release/net10.0/linux-x64/Peers.TorchSharp.dll"));
        _process = Process.Start(
            new ProcessStartInfo("dotnet", [path]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"The peer at {path} did not start.");
        Versions = Ask($"load {taskPath}");
    }

    public string Versions { get; }

    /// <summary>Trains the task from its start.</summary>
    /// <returns>CPU seconds of the steps, and the mean loss over all rows afterwards.</returns>
    public (double Cpu, double Loss) Train(int batch, int steps)
    {
        var numbers = Ask($"train {batch} {steps}").Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))
            .ToArray();
        return (numbers[0], numbers[1]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    string Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(
            $"The TorchSharp peer ended at '{command}'; its message is above. " +
            "If its library failed to load, delete benchmarks/Peers.TorchSharp/bin and try again.");
    }
}
