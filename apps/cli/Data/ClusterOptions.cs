using System.CommandLine;
using System.Net;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>Which cluster a command is about: the one of the folder, or one that is named.</summary>
sealed class ClusterOptions
{
    readonly Option<string?> _join = new("--join", "-j")
    {
        Description = "Any node of the cluster to use; without it, the cluster of this folder.", HelpName = "HOST:PORT",
    };

    readonly Option<string?> _token = new("--token")
    {
        Description = $"The cluster's secret; better in {JoinToken.Variable}.", HelpName = "TEXT",
    };

    readonly Option<string?> _database = new("--database")
    {
        Description = "Where the cluster keeps its records: sqlite:FILE or postgresql://….", HelpName = "ADDRESS",
    };

    readonly CertificateOption _certificate = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_join);
        command.Options.Add(_token);
        command.Options.Add(_database);
        _certificate.AddTo(command);
    }

    public bool IsNamed(ParseResult line) => line.GetValue(_join) is not null;

    /// <param name="address">This machine's, as nodes of the cluster reach it.</param>
    public async Task<NodeOptions> OptionsAsync(ParseResult line, IPAddress address, CancellationToken cancellationToken)
    {
        var (token, certificate) = (Tokens.Of(line.GetValue(_token)), _certificate.Of(line));
        NodeOptions options;
        if (line.GetValue(_join) is { } place)
        {
            token = token ?? throw new UsageException($"--join needs the cluster's token, by --token or in {JoinToken.Variable}.");
            var invitation = await Invitation.AskAsync(place, token, certificate, cancellationToken);
            options = new NodeOptions
            {
                Cluster = invitation.Cluster, Database = ClusterDatabase.Parse(invitation.Database), Token = token,
            };
        }
        else
        {
            var database = ClusterPlace.DatabaseOf(line.GetValue(_database));
            options = new NodeOptions { Database = database, Token = token ?? ClusterPlace.TokenOf(database) };
        }

        await options.Database.PrepareAsync(cancellationToken);
        return options with { Self = Self.Words, Leases = ClusterPlace.Leases, Address = address, Certificate = certificate };
    }
}
