using System.CommandLine;
using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary><c>capstan versions</c>: versions of a server's models.</summary>
sealed class VersionsCommand : CapstanCommand
{
    readonly Argument<string> _action = new("ACTION") { Description = "create, list, describe, set-default, lineage, statistics or delete." };
    readonly Argument<string> _name = new("MODEL[/VERSION]") { Description = "The model; all but list need the version too." };
    readonly Option<string?> _origin = new("--origin")
    {
        Description = "For create: a model's folder here, which is uploaded, or gs://BUCKET/PATH, such as a job's.",
        HelpName = "PLACE",
    };

    readonly ServerOptions _server = new();

    public VersionsCommand()
        : base(
            "versions", "Make, list, choose and delete versions of a server's models.",
            new Example("capstan versions create trips/v1 --origin models/trips",
                "copied, hashed, verified, served only from the copy"),
            new Example("capstan versions set-default trips/v2", "all traffic at once"),
            new Example("capstan versions lineage trips/v1", "where it comes from"))
    {
        Arguments.Add(_action);
        Arguments.Add(_name);
        Options.Add(_origin);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (action, words) = (line.GetRequiredValue(_action), line.GetRequiredValue(_name).Split('/'));
        var version = words.Length == 2 ? words[1] : action == "list" ? ""
            : throw new UsageException($"'{line.GetRequiredValue(_name)}' names no version; expected MODEL/VERSION.");
        await using var server = await _server.ConnectAsync(line, cancellationToken);
        var connection = server.Client.Connection;
        var versions = $"{server.Project}/models/{words[0]}/versions";
        switch (action)
        {
            case "create":
                var origin = line.GetValue(_origin) ?? throw new UsageException("--origin must say where the model's files are.");
                var uri = origin.Contains("://") ? origin
                    : await server.Client.UploadFolderAsync(FolderOf(origin), cancellationToken);
                var made = await server.Client.CreateVersionAsync(words[0], version, uri, cancellationToken);
                ResourceText.Write(session,
                    await connection.SendAsync(HttpMethod.Get, $"v1/{made.Name}", null, cancellationToken));
                return ExitCodes.Ok;
            case "list":
                ResourceText.WriteList(
                    session, "versions", await ResourceLists.AllAsync(connection, $"v1/{versions}", "versions",
                        cancellationToken), "state", "isDefault");
                return ExitCodes.Ok;
            case "describe":
                ResourceText.Write(session,
                    await connection.SendAsync(HttpMethod.Get, $"v1/{versions}/{version}", null, cancellationToken));
                return ExitCodes.Ok;
            case "set-default":
                ResourceText.Write(session,
                    await connection.SendAsync(HttpMethod.Post, $"v1/{versions}/{version}:setDefault", [], cancellationToken));
                return ExitCodes.Ok;
            case "lineage":
                ResourceText.Write(session, await connection.SendAsync(HttpMethod.Get, $"v1beta/{versions}/{version}:getLineage",
                    null, cancellationToken));
                return ExitCodes.Ok;
            case "statistics":
                WriteStatistics(session, await connection.SendAsync(
                    HttpMethod.Get, $"v1beta/{versions}/{version}:getStatistics", null, cancellationToken));
                return ExitCodes.Ok;
            case "delete":
                await server.Client.WaitAsync(
                    await connection.SendAsync(HttpMethod.Delete, $"v1/{versions}/{version}", null, cancellationToken),
                    cancellationToken);
                session.Remark("Deleted.");
                return ExitCodes.Ok;
            default:
                throw new UsageException($"'capstan versions {action}' is no action; there are create, list, describe, " +
                    $"set-default, lineage, statistics and delete.");
        }
    }

    /// <summary>A line for each column of the data that the version was trained on.</summary>
    public static void WriteStatistics(CommandSession session, JsonObject statistics) => ResourceText.WriteList(
        session, "columns", [.. statistics["columns"]!.AsArray().Select(column => column!.AsObject())], "type", "missing", "figures"); // always sent

    static string FolderOf(string origin) => Directory.Exists(origin) ? origin
        : throw new UsageException($"there is no folder '{origin}'. 'capstan train' writes one.");
}
