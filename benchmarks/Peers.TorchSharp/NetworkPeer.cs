using TorchSharp;
using static TorchSharp.torch;

namespace Capstan.Benchmarks.Peers;

/// <summary>The benchmark's network in TorchSharp: ReLU layers, log loss on logits, Adam with its defaults, one thread.</summary>
sealed class NetworkPeer
{
    readonly int[] _widths;
    readonly Tensor[] _start;
    readonly Tensor _features;
    readonly Tensor _labels;

    NetworkPeer(int[] widths, Tensor[] start, Tensor features, Tensor labels) =>
        (_widths, _start, _features, _labels) = (widths, start, features, labels);

    public static string Versions =>
        $"{typeof(torch).Assembly.GetName().Version?.ToString(3)} {torch.__version__}";

    /// <summary>Reads what <c>NetworkTask.Save</c> wrote.</summary>
    public static NetworkPeer Load(string path)
    {
        set_num_threads(1);
        set_num_interop_threads(1);
        using var reader = new BinaryReader(File.OpenRead(path));
        int[] widths = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt32())];
        var rows = reader.ReadInt32();
        var start = new List<Tensor>();
        for (var layer = 0; layer + 1 < widths.Length; layer++)
        {
            // Ours are [inputs × outputs], torch's [outputs × inputs].
            start.Add(Read(widths[layer] * widths[layer + 1]).reshape(widths[layer], widths[layer + 1]).t().contiguous());
            start.Add(Read(widths[layer + 1]));
        }

        var features = Read(rows * widths[0]).reshape(rows, widths[0]);
        return new NetworkPeer(widths, [.. start], features, Read(rows).reshape(rows, 1));

        Tensor Read(int count) => tensor(Enumerable.Range(0, count).Select(_ => reader.ReadSingle()).ToArray());
    }

    /// <summary>Trains from the start.</summary>
    /// <returns>CPU seconds of the steps, and the mean loss over all rows afterwards.</returns>
    public (double Cpu, double Loss) Train(int batch, int steps)
    {
        using var scope = NewDisposeScope();
        var modules = new List<(string, nn.Module<Tensor, Tensor>)>();
        for (var layer = 0; layer + 1 < _widths.Length; layer++)
        {
            var linear = nn.Linear(_widths[layer], _widths[layer + 1]);
            using (no_grad())
            {
                linear.weight!.copy_(_start[2 * layer]); // A Linear made with its defaults has both.
                linear.bias!.copy_(_start[2 * layer + 1]);
            }

            modules.Add(($"linear{layer}", linear));
            if (layer + 2 < _widths.Length)
            {
                modules.Add(($"relu{layer}", nn.ReLU()));
            }
        }

        using var network = nn.Sequential(modules);
        using var optimizer = optim.Adam(network.parameters(), lr: 0.001);
        using var criterion = nn.BCEWithLogitsLoss();
        var batches = _features.shape[0] / batch;

        var cpu = Environment.CpuUsage.TotalTime;
        for (var step = 0; step < steps; step++)
        {
            using var stepScope = NewDisposeScope();
            var first = step % batches * batch;
            optimizer.zero_grad();
            var loss = criterion.forward(network.forward(_features.narrow(0, first, batch)), _labels.narrow(0, first, batch));
            loss.backward();
            optimizer.step();
        }

        var seconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        using (no_grad())
        {
            return (seconds, criterion.forward(network.forward(_features), _labels).item<float>());
        }
    }
}
