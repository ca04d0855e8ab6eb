using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Capstan.Serving;

// A front door for predictions. It says where it listens on standard output (gRPC on a second line), and ends on SIGTERM, on SIGINT, or, with --attached,
// when its standard input ends: with the process that started it.
const string Usage = """
    capstan-replica [--host ADDRESS] [--port PORT] [--grpc-port PORT] [--table FILE] [--memory-limit BYTES] [--attached]
      --table FILE       the routing table, read again when it changes
      --grpc-port PORT   takes the Open Inference Protocol over gRPC there, too
    With CAPSTAN_REPLICA_TOKEN set, who knows the token may also PUT tables to /v1beta/table.
    """;

var server = new PredictionServerOptions();
var options = new ReplicaOptions { Token = Environment.GetEnvironmentVariable("CAPSTAN_REPLICA_TOKEN") };
var attached = false;
try
{
    for (var index = 0; index < args.Length; index++)
    {
        switch (args[index])
        {
            case "--host":
                server = server with { Address = IPAddress.Parse(args[++index]) };
                break;
            case "--port":
                server = server with { Port = int.Parse(args[++index], NumberStyles.None, CultureInfo.InvariantCulture) };
                break;
            case "--grpc-port":
                server = server with { GrpcPort = int.Parse(args[++index], NumberStyles.None, CultureInfo.InvariantCulture) };
                break;
            case "--table":
                options = options with { TableFile = args[++index] };
                break;
            case "--memory-limit":
                options = options with { MemoryLimitBytes = long.Parse(args[++index], NumberStyles.None, CultureInfo.InvariantCulture) };
                break;
            case "--attached":
                attached = true;
                break;
            default:
                throw new FormatException($"'{args[index]}' is not known.");
        }
    }
}
catch (Exception problem) when (problem is FormatException or OverflowException or IndexOutOfRangeException)
{
    await Console.Error.WriteLineAsync($"capstan-replica: {problem.Message}\n{Usage}");
    return 2;
}

try
{
    var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopped.TrySetResult();
    }

    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    await using var replica = await Replica.StartAsync(options with { Server = server }, CancellationToken.None);
    await Console.Out.WriteLineAsync(replica.Url.ToString());
    if (replica.GrpcUrl is { } grpc)
    {
        await Console.Out.WriteLineAsync(grpc.ToString());
    }

    await (attached ? Task.WhenAny(stopped.Task, Console.In.ReadToEndAsync()) : stopped.Task);
    return 0;
}
catch (Exception problem) when (problem is PortUnavailableException or UnreadableTableException or VersionNotReadyException)
{
    await Console.Error.WriteLineAsync($"capstan-replica: {problem.Message}");
    return 1;
}
