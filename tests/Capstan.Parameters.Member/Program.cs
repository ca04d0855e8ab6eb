using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Net;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Parameters.Tests;
using Capstan.Training;

// MEMBER server TOKEN MEMBER worker TOKEN JOB-FILE MAP-FILE MEMBER coordinator TOKEN JOB-FILE MAP-FILE SERVERS-FILE RESULT-FILE
// Says "ready ADDRESS" and what else there is to say on standard output, one line each; ends with its standard input. A coordinator goes on
// after each "rows NUMBER" when it has read a line: what is to happen to it then does not come too late.
var answers = new SemaphoreSlim(0);
var parent = new Thread(() =>
{
    while (Console.In.ReadLine() is not null)
    {
        answers.Release();
    }

    Environment.Exit(3);
}) { IsBackground = true };
parent.Start();
var options = new ChannelOptions(args[1]);
switch (args[0])
{
    case "server":
        using (var server = ParameterServer.Start(options, IPAddress.Loopback, 0, TimeProvider.System))
        {
            Console.WriteLine($"ready {server.Address}");
            parent.Join();
        }

        return 0;
    case "worker":
    {
        var job = TrainingJobText.Parse(File.ReadAllText(args[2]));
        using var rows = ExampleRows.Make((int)job.RowCount, 1);
        Console.WriteLine("ready worker");
        while (true)
        {
            try
            {
                var map = new RemoteShardMap(ServerAddress.Parse(File.ReadAllText(args[3])), options);
                await TrainingWorker.RunAsync(job, rows, map, options, 1, "worker", TimeProvider.System, CancellationToken.None);
                return 0;
            }
            catch (Exception cause) when (cause is ChannelException or IOException)
            {
                // The coordinator is gone; another will have written where it is.
                await Task.Delay(50);
            }
        }
    }

    case "coordinator":
    {
        var job = TrainingJobText.Parse(File.ReadAllText(args[2]));
        using var training = new DistributedTraining(
            job, new ServersFile(args[4]), options, null, TimeProvider.System, notice => Console.WriteLine($"notice {notice}"));
        using var listener = ShardMapListener.Start(training.Map, options, IPAddress.Loopback, 0);
        File.WriteAllText($"{args[3]}.part", listener.Address.ToString());
        File.Move($"{args[3]}.part", args[3], overwrite: true);
        Console.WriteLine($"ready {listener.Address}");
        using var validation = ExampleRows.Make(300, 2);
        var progress = new Lines<TrainingProgress>(report =>
        {
            Console.WriteLine($"rows {report.RowsDone}");
            answers.Wait();
        });
        var result = await training.RunAsync(validation, progress, CancellationToken.None);
        // Of each shard: batches taken in, and steps made.
        foreach (var ledger in training.Ledgers)
        {
            Console.WriteLine(ledger is { } counted ? $"ledger {counted.Taken} {counted.Version}" : "ledger unknown");
        }

        var writer = new CborWriter(CborConformanceMode.Canonical);
        PredictorCodec.Write(writer, result.Predictor);
        File.WriteAllBytes($"{args[5]}.part", writer.Encode());
        File.Move($"{args[5]}.part", args[5], overwrite: true);
        Console.WriteLine("done");
        return 0;
    }

    default:
        return 2;
}

/// <summary>Parameter servers by their addresses in a file, one a line.</summary>
sealed class ServersFile(string path) : IServerPool
{
    public ValueTask<ImmutableArray<ServerAddress>> ServersAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.ReadAllLines(path).Select(ServerAddress.Parse).ToImmutableArray());
}

sealed class Lines<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
