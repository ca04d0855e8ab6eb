using System.CommandLine;
using Capstan.Gateway;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary><c>capstan replica</c>: what the native replica program does, without being native.</summary>
sealed class ReplicaCommand : CapstanCommand
{
    readonly Option<string?> _table = new("--table")
    {
        Description = "The routing table, read again when it changes.", HelpName = "FILE",
    };

    readonly Option<int> _port = new("--port", "-p")
    {
        Description = "The TCP port; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 8080,
    };

    readonly Option<string> _host = new("--host")
    {
        Description = "The address to listen on; 0.0.0.0 lets other machines ask.", HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly Option<long> _memory = new("--memory-limit")
    {
        Description = "The most memory of loaded models; the least recently asked go.", HelpName = "BYTES", DefaultValueFactory = _ => 1L << 30,
    };

    readonly Option<string?> _attach = new("--attach")
    {
        Description = "Be the replica of the gateway that listens there, alone: take artifacts from it, and end with it.",
        HelpName = "ADDRESS:PORT/ID",
    };

    readonly Option<int?> _grpcPort = new("--grpc-port")
    {
        Description = "The TCP port of the Open Inference Protocol over gRPC; 0 takes a free one.", HelpName = "PORT",
    };

    readonly Option<bool> _attached = new("--attached") { Description = "Stop when the standard input ends." };

    readonly ForeignOption _foreign = new();

    public ReplicaCommand()
        : base(
            "replica", "Serve the models of a routing table, until Ctrl-C.",
            new Example("capstan replica --table routes.json", "follows the table; prints where it listens"))
    {
        Options.Add(_table);
        Options.Add(_port);
        Options.Add(_grpcPort);
        Options.Add(_host);
        Options.Add(_memory);
        Options.Add(_attached);
        Options.Add(_attach);
        _foreign.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        _foreign.Of(line).Enable();
        var attach = line.GetValue(_attach);
        var token = Environment.GetEnvironmentVariable(ReplicaStart.TokenVariable);
        using var artifacts = attach is null ? null : new TemporaryFolder("capstan-replica-");
        await using var replica = await Replica.StartAsync(
            new ReplicaOptions
            {
                Server = new PredictionServerOptions
                {
                    Address = ListenOptions.AddressOf(line.GetRequiredValue(_host)), Port = ListenOptions.PortOf(line.GetValue(_port)),
                    GrpcPort = line.GetValue(_grpcPort) is { } grpc ? ListenOptions.PortOf(grpc, "--grpc-port") : null,
                },
                TableFile = line.GetValue(_table),
                MemoryLimitBytes = line.GetValue(_memory),
                Token = token,
                IsPrivate = attach is not null,
                ArtifactFolder = artifacts?.Path,
            },
            cancellationToken);
        session.Terminal.Output.WriteLine(replica.Url);
        if (replica.GrpcUrl is { } url)
        {
            session.Terminal.Output.WriteLine(url);
        }

        session.Terminal.Output.Flush();
        var stopped = ListenOptions.UntilCancelledAsync(cancellationToken);
        await (attach is not null
                ? Task.WhenAny(stopped, ReplicaAttachment.HoldAsync(attach, replica.Url, token ?? "", session.Terminal.Time, cancellationToken))
            : line.GetValue(_attached) ? Task.WhenAny(stopped, Console.In.ReadToEndAsync(cancellationToken))
            : stopped);
        return ExitCodes.Ok;
    }
}
