using System.CommandLine;
using Capstan.Gateway;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary><c>capstan gateway</c>: the front door of a fleet of replicas, until it is told to stop.</summary>
sealed class GatewayCommand : CapstanCommand
{
    readonly Option<string> _home = new("--home")
    {
        Description = "The folder of the routing table and of recorded outcomes.", HelpName = "FOLDER", DefaultValueFactory = _ => "gateway",
    };

    readonly Option<int> _port = new("--port", "-p")
    {
        Description = "The TCP port; 0 takes a free one.", HelpName = "PORT", DefaultValueFactory = _ => 8080,
    };

    readonly Option<int?> _grpcPort = new("--grpc-port")
    {
        Description = "The TCP port of the Open Inference Protocol over gRPC; 0 takes a free one.", HelpName = "PORT",
    };

    readonly Option<string> _host = new("--host")
    {
        Description = "The address to listen on; 0.0.0.0 lets other machines ask, and deploy.", HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly ReplicaOption _replica = new();

    public GatewayCommand()
        : base(
            "gateway", "Serve a fleet: deploy, split traffic, hold requests, scale from zero, until Ctrl-C.",
            new Example("capstan gateway", "on http://127.0.0.1:8080, with its routing table in gateway/"),
            new Example("capstan gateway --replica replica/Capstan.Replica", "with native replicas, which start in a tenth of the time"))
    {
        Options.Add(_home);
        Options.Add(_port);
        Options.Add(_grpcPort);
        Options.Add(_host);
        _replica.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var listening = new PredictionServerOptions
        {
            Address = ListenOptions.AddressOf(line.GetRequiredValue(_host)), Port = ListenOptions.PortOf(line.GetValue(_port)),
            GrpcPort = line.GetValue(_grpcPort) is { } grpcPort ? ListenOptions.PortOf(grpcPort, "--grpc-port") : null,
        };
        var replicas = _replica.HostOf(line);
        await using var ended = replicas as IAsyncDisposable;
        await using var server = await GatewayServer.StartAsync(
            new GatewayOptions { Home = line.GetRequiredValue(_home), Replicas = replicas, TakesFolders = true },
            listening, cancellationToken);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("url", server.Url.ToString());
                if (server.GrpcUrl is { } grpc)
                {
                    json.WriteString("grpcUrl", grpc.ToString());
                }
            });
        }
        else
        {
            session.Terminal.Output.WriteLine($"Gateway at {server.Url}; deploy a model with 'capstan deploy FOLDER --server {server.Url}'.");
            if (server.GrpcUrl is { } grpc)
            {
                session.Terminal.Output.WriteLine($"Over gRPC (inference.GRPCInferenceService) at {grpc}");
            }
        }

        session.Terminal.Output.Flush();
        session.Remark("Serving. Ctrl-C stops.");
        await ListenOptions.UntilCancelledAsync(cancellationToken);
        session.Remark("Stopping the replicas.");
        return ExitCodes.Ok;
    }
}
