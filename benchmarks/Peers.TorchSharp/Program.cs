using System.Globalization;
using Capstan.Benchmarks.Peers;

// A child of Capstan.Benchmarks. Commands come line by line on the standard input, one line of numbers answers each:
//   load FILE             the task: sizes, the initial parameters, rows and labels → "TorchSharp-version libtorch-version"
//   train BATCH STEPS     from the initial parameters → CPU seconds of the steps, mean loss over all rows afterwards
WeakSymbol.Weaken(
    Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"), "_ZSt21ios_base_library_initv", "GLIBCXX_3.4.32");

NetworkPeer? peer = null;
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ');
    switch (words[0])
    {
        case "load":
            peer = NetworkPeer.Load(line["load ".Length..]);
            Console.WriteLine(NetworkPeer.Versions);
            break;
        case "train" when peer is not null:
            var result = peer.Train(
                int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Cpu:R} {result.Loss:R}"));
            break;
        default:
            throw new InvalidOperationException($"Unknown command '{line}'.");
    }
}
