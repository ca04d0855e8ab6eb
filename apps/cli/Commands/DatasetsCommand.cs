using System.CommandLine;

namespace Capstan.Cli;

/// <summary><c>capstan datasets</c>: the data that a server's versions were trained on.</summary>
sealed class DatasetsCommand : CapstanCommand
{
    readonly Argument<string> _action = new("ACTION") { Description = "list, describe or statistics." };
    readonly Argument<string?> _name = new("FINGERPRINT")
    {
        Description = "Which data, for all but list.", Arity = ArgumentArity.ZeroOrOne,
    };

    readonly ServerOptions _server = new();

    public DatasetsCommand()
        : base(
            "datasets", "Show the data that a server's versions were trained on.",
            new Example("capstan datasets list", "by fingerprint, the latest first"),
            new Example("capstan datasets statistics 3f2a… --json", "all that is known of its columns"))
    {
        Arguments.Add(_action);
        Arguments.Add(_name);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var action = line.GetRequiredValue(_action);
        await using var server = await _server.ConnectAsync(line, cancellationToken);
        var connection = server.Client.Connection;
        var datasets = $"v1beta/{server.Project}/datasets";
        switch (action)
        {
            case "list":
                ResourceText.WriteList(
                    session, "datasets", await ResourceLists.AllAsync(connection, datasets, "datasets", cancellationToken),
                    "rows", "dataUris", "description");
                return ExitCodes.Ok;
            case "describe":
                ResourceText.Write(session, await connection.SendAsync(
                    HttpMethod.Get, $"{datasets}/{NameOf(line)}", null, cancellationToken));
                return ExitCodes.Ok;
            case "statistics":
                VersionsCommand.WriteStatistics(session, await connection.SendAsync(
                    HttpMethod.Get, $"{datasets}/{NameOf(line)}:getStatistics", null, cancellationToken));
                return ExitCodes.Ok;
            default:
                throw new UsageException($"'capstan datasets {action}' is no action; there are list, describe and statistics.");
        }
    }

    string NameOf(ParseResult line) => line.GetValue(_name) ?? throw new UsageException("the fingerprint of the data is missing.");
}
