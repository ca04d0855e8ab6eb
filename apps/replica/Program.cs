using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Capstan.Models;
using Capstan.Serving;

// A front door for predictions. It says where it listens on standard output (gRPC on a second line), and ends on SIGTERM, on SIGINT, or, with --attached,
// when its standard input ends: with the process that started it.
const string Usage = """
    capstan-replica [--host ADDRESS] [--port PORT] [--grpc-port PORT] [--table FILE] [--memory-limit BYTES]
                    [--attached | --attach ADDRESS:PORT/ID]
                    [--foreign WORD]… [--foreign-memory MIB] [--foreign-seconds N]
      --table FILE               the routing table, read again when it changes
      --grpc-port PORT           takes the Open Inference Protocol over gRPC there, too
      --attach ADDRESS:PORT/ID   for the gateway that listens there alone; takes artifacts from it, and ends with it
      --foreign WORD             the program that runs models of other programs, each in a process of its own, word by word
      --foreign-memory MIB       the most memory of such a process (2048)
      --foreign-seconds N        how long such a model may compute for a request (30)
    With CAPSTAN_REPLICA_TOKEN set, who knows the token may also PUT tables to /v1beta/table.
    """;

var server = new PredictionServerOptions();
var options = new ReplicaOptions { Token = Environment.GetEnvironmentVariable("CAPSTAN_REPLICA_TOKEN") };
var attached = false;
string? attach = null;
var foreign = new List<string>();
var (foreignMebibytes, foreignSeconds) = (2048, 30);
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
            case "--foreign":
                foreign.Add(args[++index]);
                break;
            case "--foreign-memory":
                foreignMebibytes = int.Parse(args[++index], NumberStyles.None, CultureInfo.InvariantCulture);
                break;
            case "--foreign-seconds":
                foreignSeconds = int.Parse(args[++index], NumberStyles.None, CultureInfo.InvariantCulture);
                break;
            case "--attach":
                attach = args[++index];
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

if (foreign is [var program, .. ])
{
    ForeignRuntime.Add(new IsolatedRuntime(IsolatedRuntime.Onnx, new IsolationOptions(program, foreign[1..])
    {
        MemoryBytes = (long)foreignMebibytes << 20, CallLimit = TimeSpan.FromSeconds(foreignSeconds),
    }));
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
    var artifacts = attach is null ? null : Directory.CreateTempSubdirectory("capstan-replica-");
    try
    {
        await using var replica = await Replica.StartAsync(
            options with { Server = server, IsPrivate = attach is not null, ArtifactFolder = artifacts?.FullName }, CancellationToken.None);
        await Console.Out.WriteLineAsync(replica.Url.ToString());
        if (replica.GrpcUrl is { } grpc)
        {
            await Console.Out.WriteLineAsync(grpc.ToString());
        }

        await (attach is not null
                ? Task.WhenAny(stopped.Task, ReplicaAttachment.HoldAsync(attach, replica.Url, options.Token ?? "", server.Time, CancellationToken.None))
            : attached ? Task.WhenAny(stopped.Task, Console.In.ReadToEndAsync())
            : stopped.Task);
        return 0;
    }
    finally
    {
        artifacts?.Delete(recursive: true);
    }
}
catch (Exception problem) when (problem is PortUnavailableException or UnreadableTableException or VersionNotReadyException or FormatException)
{
    await Console.Error.WriteLineAsync($"capstan-replica: {problem.Message}");
    return 1;
}
