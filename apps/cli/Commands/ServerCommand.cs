using System.CommandLine;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.Service;
using Microsoft.Extensions.Logging;

namespace Capstan.Cli;

/// <summary><c>capstan server</c>: the engine as a service, until it is told to stop.</summary>
sealed class ServerCommand : CapstanCommand
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

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
        Description = "The address to listen on; anything but loopback needs keys or tokens.", HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly Option<string> _data = new("--data")
    {
        Description = "The folder for everything that has no other place.", HelpName = "DIR", DefaultValueFactory = _ =>
            ServerOptions.UsualFolder,
    };

    readonly Option<string?> _database = new("--database")
    {
        Description = "postgresql://USER:PASSWORD@HOST/DATABASE; an SQLite file in the data folder without it.", HelpName = "URL",
    };

    readonly Option<string?> _artifacts = new("--artifacts")
    {
        Description = "s3://KEY:SECRET@HOST/BUCKET or a folder; one in the data folder without it.", HelpName = "URL",
    };

    readonly Option<bool> _requireKeys = new("--require-keys") { Description = "Ask for keys or tokens on loopback, too." };
    readonly Option<string?> _issuer =
        new("--oidc-issuer") { Description = "Take bearer tokens of this OpenID Connect issuer.", HelpName = "URL" };
    readonly Option<string?> _audience = new("--oidc-audience") { Description = "What tokens must be for.", HelpName = "NAME" };
    readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "A PEM file with certificate and key: the server then speaks HTTPS.", HelpName = "FILE",
    };

    readonly Option<int> _slots = new("--job-slots")
    {
        Description = "How many jobs run at the same time.", HelpName = "N", DefaultValueFactory = _ => 1,
    };

    readonly Option<string?> _account = new("--job-account")
    {
        Description = "The account that trainer packages run as; needs a server that may change accounts.", HelpName = "NAME",
    };

    readonly Option<long?> _memory =
        new("--job-memory") { Description = "The most bytes of memory of a trainer package.", HelpName = "BYTES" };
    readonly Option<string[]> _allow = new("--allow-path")
    {
        Description = "With keys: a folder of this machine whose files requests may name.", HelpName = "DIR",
    };

    readonly TelemetryOption _telemetry = new();
    readonly ServerPoolOptions _pool = new();
    readonly ReplicaOption _replica = new();

    public ServerCommand()
        : base(
            "server", "Be the engine as a service: Cloud ML Engine's ml/v1, registry, jobs and a fleet of replicas.",
            new Example("capstan server", "on http://127.0.0.1:8080, in capstan-data"),
            new Example(
                "capstan server --host 0.0.0.0 --certificate tls.pem --database postgresql://ml@db/ml --artifacts s3://store/ml",
                "for other machines, with keys; several such servers share the work"),
            new Example(
                "capstan server --pool slurm --pool-database postgresql://ml@db/ml",
                "jobs that ask for workers get machines of Slurm"))
    {
        foreach (var option in new Option[] { _port, _grpcPort, _host, _data, _database, _artifacts, _requireKeys, _issuer, _audience,
            _certificate, _slots,
            _account, _memory, _allow })
        {
            Options.Add(option);
        }

        _telemetry.AddTo(this);
        _pool.AddTo(this);
        _replica.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new LineLogger(session.Terminal.Error)));
        using var telemetry = _telemetry.Start(line);
        var options = OptionsOf(line) with { Loggers = loggers };
        await using var replicas = options.Replicas as IAsyncDisposable;
        await using var server = await ServiceServer.StartAsync(options, cancellationToken);
        Tell(session, server, options);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Being told to stop is how a server ends well.
        }

        using var grace = new CancellationTokenSource(Grace);
        await server.StopAsync(grace.Token);
        session.Remark("Stopped; jobs that run go on.");
        return ExitCodes.Ok;
    }

    ServiceOptions OptionsOf(ParseResult line)
    {
        var address = line.GetRequiredValue(_host) switch
        {
            "localhost" => IPAddress.Loopback,
            var host => IPAddress.TryParse(host, out var parsed) ? parsed
                : throw new UsageException($"--host was given '{host}', expected an address such as 127.0.0.1, ::1 or 0.0.0.0."),
        };
        var port = line.GetValue(_port) is >= 0 and <= IPEndPoint.MaxPort and var number ? number
            : throw new UsageException($"--port was given {line.GetValue(_port)}, expected 0 to {IPEndPoint.MaxPort}.");
        var slots = line.GetValue(_slots) is > 0 and var count ? count
            : throw new UsageException($"--job-slots was given {line.GetValue(_slots)}, expected 1 or more.");
        var isOpen = IPAddress.IsLoopback(address) && !line.GetValue(_requireKeys) && line.GetValue(_issuer) is null;
        return ServerOptions.OptionsOf(line.GetRequiredValue(_data)) with
        {
            Address = address,
            Port = port,
            GrpcPort = line.GetValue(_grpcPort) is { } grpc ? ListenOptions.PortOf(grpc, "--grpc-port") : null,
            Database = line.GetValue(_database),
            Artifacts = line.GetValue(_artifacts),
            Access = new AccessOptions { IsOpen = isOpen, Issuer = line.GetValue(_issuer), Audience = line.GetValue(_audience) },
            Certificate = line.GetValue(_certificate) is { } file ? X509Certificate2.CreateFromPemFile(file) : null,
            Jobs = _pool.RunnerOf(line, _replica.ForeignOf(line)),
            JobSlots = slots,
            Replicas = _replica.HostOf(line),
            JobAccount = line.GetValue(_account),
            JobMemoryBytes = line.GetValue(_memory),
            LocalFolders = isOpen ? null : [.. line.GetValue(_allow) ?? []],
        };
    }

    static void Tell(CommandSession session, ServiceServer server, ServiceOptions options)
    {
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
            session.Terminal.Output.WriteLine($"Serving ml/v1 at {server.Url} on {Path.GetFullPath(options.DataFolder)}");
            if (server.GrpcUrl is { } grpc)
            {
                session.Terminal.Output.WriteLine($"Over gRPC (inference.GRPCInferenceService) at {grpc}");
            }
        }

        session.Terminal.Output.Flush();
        session.Remark(options.Access.IsOpen
            ? "Open to everybody on this machine. Ctrl-C stops."
            : "Callers need a key ('capstan access create-key') or a token. Ctrl-C stops.");
    }
}
