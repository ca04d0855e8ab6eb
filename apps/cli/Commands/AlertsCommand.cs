using System.CommandLine;
using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary><c>capstan alerts</c>: what somebody should look at.</summary>
sealed class AlertsCommand : CapstanCommand
{
    readonly Argument<string> _action = new("ACTION") { Description = "list, describe, acknowledge, resolve or delete." };
    readonly Argument<string?> _name = new("ALERT") { Description = "Which, for all but list.", Arity = ArgumentArity.ZeroOrOne };
    readonly ServerOptions _server = new();

    public AlertsCommand()
        : base(
            "alerts", "Show, acknowledge and resolve a server's alerts.",
            new Example("capstan alerts list", "the latest first"),
            new Example("capstan alerts resolve skew_1", "it is mended"))
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
        var alerts = $"v1beta/{server.Project}/alerts";
        string Place() => $"{alerts}/{line.GetValue(_name) ?? throw new UsageException("the alert's name is missing.")}";
        Task<JsonObject> SetAsync(string state) => connection.SendAsync(
            HttpMethod.Patch, $"{Place()}?updateMask=state", new JsonObject { ["state"] = state }, cancellationToken);
        switch (action)
        {
            case "list":
                ResourceText.WriteList(
                    session, "alerts", await ResourceLists.AllAsync(connection, alerts, "alerts", cancellationToken),
                    "state", "severity", "kind", "message");
                return ExitCodes.Ok;
            case "describe":
                ResourceText.Write(session, await connection.SendAsync(HttpMethod.Get, Place(), null, cancellationToken));
                return ExitCodes.Ok;
            case "acknowledge":
                ResourceText.Write(session, await SetAsync("ACKNOWLEDGED"));
                return ExitCodes.Ok;
            case "resolve":
                ResourceText.Write(session, await SetAsync("RESOLVED"));
                return ExitCodes.Ok;
            case "delete":
                await connection.SendAsync(HttpMethod.Delete, Place(), null, cancellationToken);
                session.Remark("Deleted.");
                return ExitCodes.Ok;
            default:
                throw new UsageException(
                    $"'capstan alerts {action}' is no action; there are list, describe, acknowledge, resolve and delete.");
        }
    }
}
