using System.CommandLine;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary><c>capstan serve</c>: answers prediction requests over HTTP until it is told to stop.</summary>
sealed class ServeCommand : CapstanCommand
{
    // Requests in progress get so long to finish after Ctrl-C.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    readonly Argument<string[]> _models = new("MODEL")
    {
        Description = "Folders of models; each is served under its folder's name.", Arity = ArgumentArity.OneOrMore,
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
        Description = "The address to listen on; 0.0.0.0 lets other machines ask.", HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly Option<string?> _name = new("--name")
    {
        Description = "Another name for the model, where there is one.", HelpName = "NAME",
    };

    readonly ForeignOption _foreign = new();

    public ServeCommand()
        : base(
            "serve", "Answer prediction requests over HTTP, until Ctrl-C.",
            new Example("capstan serve models/trips", "POST raw rows to http://127.0.0.1:8080/v1/models/trips:predict"),
            new Example(
                "capstan serve models/trips models/late --host 0.0.0.0 --port 9000", "two models, for other machines as well"))
    {
        Arguments.Add(_models);
        Options.Add(_port);
        Options.Add(_grpcPort);
        Options.Add(_host);
        Options.Add(_name);
        _foreign.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (address, port) = (ListenOptions.AddressOf(line.GetRequiredValue(_host)), ListenOptions.PortOf(line.GetValue(_port)));
        _foreign.Of(line).Enable();
        var models = Load(line.GetRequiredValue(_models), line.GetValue(_name));
        await using var server = await PredictionServer.StartAsync(
            models.Select(model => new ArtifactModel(model.Name, model.Artifact)),
            new PredictionServerOptions { Address = address, Port = port, GrpcPort = GrpcPortOf(line) },
            cancellationToken);
        Tell(session, server, models);
        await ListenOptions.UntilCancelledAsync(cancellationToken);
        using var grace = new CancellationTokenSource(Grace);
        await server.StopAsync(grace.Token);
        session.Remark("Stopped.");
        return ExitCodes.Ok;
    }

    static TrainedModel[] Load(string[] folders, string? name)
    {
        if (name is not null && folders.Length > 1)
        {
            throw new UsageException($"--name names one model, and there are {folders.Length}; rename their folders instead.");
        }

        TrainedModel[] models = [.. folders.Select(TrainedModel.Load)];
        if (name is not null)
        {
            models[0] = new TrainedModel(name, models[0].Artifact);
        }

        foreach (var model in models)
        {
            ModelName.Check(model.Name);
        }

        return models.GroupBy(model => model.Name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice }
            ? throw new UsageException($"two models are named '{twice}'; a URL can lead to only one. Rename a folder.")
            : models;
    }

    int? GrpcPortOf(ParseResult line) => line.GetValue(_grpcPort) is { } port ? ListenOptions.PortOf(port, "--grpc-port") : null;

    static void Tell(CommandSession session, PredictionServer server, TrainedModel[] models)
    {
        var (output, url) = (session.Terminal.Output, server.Url);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("url", url.ToString());
                if (server.GrpcUrl is { } grpc)
                {
                    json.WriteString("grpcUrl", grpc.ToString());
                }

                json.WriteStartArray("models");
                foreach (var model in models)
                {
                    json.WriteStartObject();
                    json.WriteString("name", model.Name);
                    json.WriteString("hash", model.Hash.ToString());
                    json.WriteString("predict", new Uri(url, $"v1/models/{model.Name}:predict").ToString());
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
        else
        {
            foreach (var model in models)
            {
                output.WriteLine($"{model.Name} ({model.Hash.Short}) at {new Uri(url, $"v1/models/{model.Name}")}; try:");
                output.WriteLine($"  {GoldenExample.Curl(url, model.Name, model.Artifact)}");
            }

            if (server.GrpcUrl is { } grpc)
            {
                output.WriteLine($"Over gRPC (inference.GRPCInferenceService) at {grpc}");
            }
        }

        output.Flush();
        session.Remark("Serving. Ctrl-C stops.");
    }
}
