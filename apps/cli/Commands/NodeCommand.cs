using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary><c>capstan node</c>: makes this machine part of a cluster, until it is told to stop.</summary>
sealed class NodeCommand : CapstanCommand
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    readonly Option<string?> _join = new("--join", "-j")
    {
        Description = "Any node of the cluster, as it said where it is; without it, the cluster of this folder, or a new one.",
        HelpName = "HOST:PORT",
    };

    readonly Option<string?> _token = new("--token")
    {
        Description = $"The cluster's secret, at least {JoinToken.ShortestText} characters; better in {JoinToken.Variable}, " +
            "since everybody can read a command line.",
        HelpName = "TEXT",
    };

    readonly Option<string> _roles = new("--roles")
    {
        Description = "worker, parameter-server, or both with a comma.", HelpName = "ROLES",
        DefaultValueFactory = _ => "worker,parameter-server",
    };

    readonly Option<int> _slots = new("--slots")
    {
        Description = "How many members of jobs it has room for at once.", HelpName = "N", DefaultValueFactory = _ => 1,
    };

    readonly Option<string?> _database = new("--database")
    {
        Description = "Where a new cluster keeps its records: sqlite:FILE on one machine, postgresql://… on several.",
        HelpName = "ADDRESS",
    };

    readonly Option<string> _cluster = new("--cluster")
    {
        Description = "The name of a new cluster.", HelpName = "NAME", DefaultValueFactory = _ => "capstan",
    };

    readonly Option<string> _host = new("--host")
    {
        Description = "This machine's own address, at which the other nodes reach it.", HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly Option<int> _port = new("--port", "-p") { Description = "The TCP port; 0 takes a free one.", HelpName = "PORT" };
    readonly CertificateOption _certificate = new();
    readonly Option<int?> _metrics = new("--metrics-port")
    {
        Description = "Tell Prometheus what the node measures, at http://ADDRESS:PORT/metrics; 0 takes a free port.", HelpName = "PORT",
    };

    readonly TelemetryOption _telemetry = new();
    readonly ForeignOption _foreign = new();
    readonly Option<string?> _name = new("--name") { Description = "What its log lines call the node.", HelpName = "NAME" };

    // What only pools say when they start a node.
    readonly Option<bool> _leased = new("--leased") { Hidden = true };
    readonly Option<string?> _toward = new("--toward") { Hidden = true };

    public NodeCommand()
        : base(
            "node", "Make this machine part of a cluster, until Ctrl-C.",
            new Example("capstan node", "a new cluster on this machine; it says how others join"),
            new Example(
                "capstan node --join 127.0.0.1:40001 --roles worker", $"one more node, with the token in {JoinToken.Variable}"),
            new Example(
                "capstan node --host 10.0.0.5 --database postgresql://capstan@db/capstan",
                "the first node of a cluster of several machines"))
    {
        foreach (var option in new Option[]
        {
            _join, _token, _roles, _slots, _database, _cluster, _host, _port, _metrics, _name, _leased, _toward,
        })
        {
            Options.Add(option);
        }

        _certificate.AddTo(this);
        _telemetry.AddTo(this);
        _foreign.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var options = await OptionsAsync(line, cancellationToken);
        _foreign.Of(line).EnableForJobs();
        // Before the node, of which nothing shall be missed.
        using var telemetry = _telemetry.Start(line);
        await using var metrics = MetricsOf(line, options);
        await using var node = await StartAsync(options, cancellationToken);
        if (!node.Options.IsLeased)
        {
            // The log of a leased one is for others to read, and the token is not.
            Tell(session, node, metrics);
        }

        var told = Task.Delay(Timeout.Infinite, cancellationToken);
        if (await Task.WhenAny(told, node.Ended) != told)
        {
            return ExitCodes.Ok; // nobody needs it any more
        }

        using var grace = new CancellationTokenSource(Grace);
        await node.StopAsync(grace.Token);
        session.Remark("Left the cluster.");
        return ExitCodes.Ok;
    }

    async Task<NodeOptions> OptionsAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var (join, token) = (line.GetValue(_join), Tokens.Of(line.GetValue(_token)));
        var certificate = _certificate.Of(line);
        if (join is not null && line.GetValue(_database) is not null)
        {
            throw new UsageException("--database is for a new cluster; a node that joins is told where the records are.");
        }

        var (cluster, database) = (line.GetRequiredValue(_cluster), ClusterPlace.DatabaseOf(
            line.GetValue(_database) ?? Environment.GetEnvironmentVariable(NodeOptions.DatabaseVariable)));
        if (join is not null)
        {
            token = token ?? throw new UsageException($"--join needs the cluster's token, by --token or in {JoinToken.Variable}.");
            var invitation = await Invitation.AskAsync(join, token, certificate, cancellationToken);
            (cluster, database) = (invitation.Cluster, ClusterDatabase.Parse(invitation.Database));
        }

        return new NodeOptions
        {
            Name = line.GetValue(_name),
            Cluster = cluster,
            Database = database,
            Token = token ?? ClusterPlace.TokenOf(database),
            Address = AddressOf(line),
            Port = line.GetValue(_port),
            Roles = RolesOf(line.GetRequiredValue(_roles)),
            Slots = line.GetValue(_slots),
            Certificate = certificate,
            Self = Self.Words,
            LeasedWords = [.. _foreign.Of(line).Words],
            Leases = ClusterPlace.Leases,
            WritesWarnings = true,
            IsLeased = line.GetValue(_leased),
        };
    }

    IPAddress AddressOf(ParseResult line)
    {
        var text = line.GetValue(_toward) ?? line.GetRequiredValue(_host);
        return IPAddress.TryParse(text, out var address)
            ? line.GetValue(_toward) is null ? address : OwnAddressToward(address)
            : throw new UsageException($"--host was given '{text}', expected an address of this machine such as 10.0.0.5.");
    }

    /// <summary>The address of this machine from which another is reached; nothing is sent.</summary>
    static IPAddress OwnAddressToward(IPAddress other)
    {
        using var socket = new Socket(other.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(other, 1);
        return ((IPEndPoint)socket.LocalEndPoint!).Address; // connected
    }

    MetricsEndpoint? MetricsOf(ParseResult line, NodeOptions options)
    {
        try
        {
            return line.GetValue(_metrics) is { } port ? MetricsEndpoint.Start(options.Address, port) : null;
        }
        catch (ArgumentException taken)
        {
            throw new UsageException(taken.Message);
        }
    }

    static async Task<ClusterNode> StartAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ClusterNode.StartAsync(options, cancellationToken);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    static NodeRoles RolesOf(string text) => text.Split(',', StringSplitOptions.TrimEntries)
        .Aggregate(NodeRoles.None, (roles, word) => roles | word switch
        {
            "worker" => NodeRoles.Worker,
            "parameter-server" => NodeRoles.ParameterServer,
            _ => throw new UsageException($"--roles was given '{text}', expected worker, parameter-server, or both with a comma."),
        });

    static void Tell(CommandSession session, ClusterNode node, MetricsEndpoint? metrics)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("node", node.Place.ToString());
                json.WriteString("cluster", node.Options.Cluster);
                json.WriteString("token", node.Options.Token.Text);
                if (metrics is not null)
                {
                    json.WriteString("metrics", $"http://{metrics.Place}/metrics");
                }
            });
        }
        else
        {
            session.Terminal.Output.WriteLine($"In cluster '{node.Options.Cluster}' at {node.Place}. More nodes join by:");
            session.Terminal.Output.WriteLine(
                $"  {JoinToken.Variable}={node.Options.Token.Text} capstan node --join {node.Place}");
        }

        session.Terminal.Output.Flush();
        session.Remark(metrics is null ? "Ctrl-C leaves." : $"Metrics are at http://{metrics.Place}/metrics. Ctrl-C leaves.");
    }
}
