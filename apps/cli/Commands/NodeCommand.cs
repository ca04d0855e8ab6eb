using System.CommandLine;
using System.Net;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary><c>capstan node</c>: makes this machine part of a cluster, until it is told to stop.</summary>
sealed class NodeCommand : CapstanCommand
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    readonly Option<string?> _join = new("--join", "-j")
    {
        Description = "Any node of the cluster, as it said where it is; without it a new cluster is founded.", HelpName = "HOST:PORT",
    };

    readonly Option<string?> _token = new("--token")
    {
        Description = $"The cluster's secret, at least {JoinToken.ShortestText} characters; better in {JoinToken.Variable}, since everybody can read a command line.",
        HelpName = "TEXT",
    };

    readonly Option<string> _roles = new("--roles")
    {
        Description = "worker, parameter-server, or both with a comma.", HelpName = "ROLES", DefaultValueFactory = _ => "worker,parameter-server",
    };

    readonly Option<string?> _database = new("--database")
    {
        Description = "Where a new cluster keeps its records: sqlite:FILE on one machine, postgresql://… on several.", HelpName = "ADDRESS",
    };

    readonly Option<string> _cluster = new("--cluster")
    {
        Description = "The name of a new cluster.", HelpName = "NAME", DefaultValueFactory = _ => "capstan",
    };

    readonly Option<string> _host = new("--host")
    {
        Description = "This machine's own address, at which the other nodes reach it.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly Option<int> _port = new("--port", "-p") { Description = "The TCP port; 0 takes a free one.", HelpName = "PORT" };
    readonly Option<int?> _metrics = new("--metrics-port")
    {
        Description = "A port for Prometheus (GET /metrics); 0 takes a free one.", HelpName = "PORT",
    };

    readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "TLS: a PEM file with this node's certificate and key.", HelpName = "FILE",
    };

    readonly Option<string?> _authority = new("--authority")
    {
        Description = "TLS: a PEM file with the certificate that has signed those of all nodes; without it, all have the same one.", HelpName = "FILE",
    };

    public NodeCommand()
        : base(
            "node", "Make this machine part of a cluster, until Ctrl-C.",
            new Example("capstan node", "a new cluster on this machine; it says how others join"),
            new Example("capstan node --join 127.0.0.1:40001 --roles worker", $"one more node, with the token in {JoinToken.Variable}"),
            new Example(
                "capstan node --host 10.0.0.5 --database postgresql://capstan@db/capstan", "the first node of a cluster of several machines"))
    {
        foreach (var option in new Option[] { _join, _token, _roles, _database, _cluster, _host, _port, _metrics, _certificate, _authority })
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var options = await OptionsAsync(line, cancellationToken);
        await using var node = await StartAsync(options, cancellationToken);
        Tell(session, node);
        var told = Task.Delay(Timeout.Infinite, cancellationToken);
        if (await Task.WhenAny(told, node.Ended) != told)
        {
            session.Terminal.Error.WriteLine("capstan node: the other nodes took this one for dead; it must be started anew.");
            return ExitCodes.Failure;
        }

        using var grace = new CancellationTokenSource(Grace);
        await node.StopAsync(grace.Token);
        session.Remark("Left the cluster.");
        return ExitCodes.Ok;
    }

    async Task<NodeOptions> OptionsAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var (join, token, certificate) = (line.GetValue(_join), Tokens.Of(line.GetValue(_token)), CertificateOf(line));
        if (join is not null && line.GetValue(_database) is not null)
        {
            throw new UsageException("--database is for a new cluster; a node that joins is told where the records are.");
        }

        var (cluster, database) = (line.GetRequiredValue(_cluster), line.GetValue(_database) ?? "sqlite:.capstan/cluster.db");
        if (join is not null)
        {
            var invitation = await Invitation.AskAsync(
                join, token ?? throw new UsageException($"--join needs the cluster's token, by --token or in {JoinToken.Variable}."), certificate,
                cancellationToken);
            (cluster, database) = (invitation.Cluster, invitation.Database);
        }

        return new NodeOptions
        {
            Cluster = cluster,
            Database = ClusterDatabase.Parse(database),
            Token = token ?? JoinToken.Create(),
            Address = IPAddress.TryParse(line.GetRequiredValue(_host), out var address)
                ? address
                : throw new UsageException($"--host was given '{line.GetValue(_host)}', expected an address of this machine such as 10.0.0.5."),
            Port = line.GetValue(_port),
            MetricsPort = line.GetValue(_metrics),
            Roles = RolesOf(line.GetRequiredValue(_roles)),
            Certificate = certificate,
        };
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

    NodeCertificate? CertificateOf(ParseResult line) => (line.GetValue(_certificate), line.GetValue(_authority)) switch
    {
        ({ } certificate, var authority) => NodeCertificate.Load(certificate, null, authority),
        (null, null) => null,
        _ => throw new UsageException("--authority needs --certificate: with TLS every node shows one."),
    };

    static NodeRoles RolesOf(string text) => text.Split(',', StringSplitOptions.TrimEntries).Aggregate(NodeRoles.None, (roles, word) => roles | word switch
    {
        "worker" => NodeRoles.Worker,
        "parameter-server" => NodeRoles.ParameterServer,
        _ => throw new UsageException($"--roles was given '{text}', expected worker, parameter-server, or both with a comma."),
    });

    static void Tell(CommandSession session, ClusterNode node)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("node", node.Place.ToString());
                json.WriteString("cluster", node.Options.Cluster);
                json.WriteString("token", node.Options.Token.Text);
            });
        }
        else
        {
            session.Terminal.Output.WriteLine($"In cluster '{node.Options.Cluster}' at {node.Place}. More nodes join by:");
            session.Terminal.Output.WriteLine($"  {JoinToken.Variable}={node.Options.Token.Text} capstan node --join {node.Place}");
        }

        session.Terminal.Output.Flush();
        session.Remark("Ctrl-C leaves.");
    }
}
