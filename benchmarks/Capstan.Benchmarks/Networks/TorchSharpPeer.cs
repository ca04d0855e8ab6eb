namespace Capstan.Benchmarks;

/// <summary>TorchSharp training the network's task when told to.</summary>
sealed class TorchSharpPeer : IDisposable
{
    readonly PeerProcess _process = PeerProcess.TorchSharp();

    public TorchSharpPeer(string taskPath) => Versions = _process.Ask($"load {taskPath}");

    public string Versions { get; }

    /// <summary>Trains the task from its start.</summary>
    /// <returns>CPU seconds of the steps, and the mean loss over all rows afterwards.</returns>
    public (double Cpu, double Loss) Train(int batch, int steps)
    {
        var numbers = _process.AskNumbers($"train {batch} {steps}");
        return (numbers[0], numbers[1]);
    }

    public void Dispose() => _process.Dispose();
}
