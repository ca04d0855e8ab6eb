using System.CommandLine;
using System.Text.Json.Nodes;

namespace Capstan.Cli;

/// <summary><c>capstan models</c>: models of a server, and predictions by them.</summary>
sealed class ModelsCommand : CapstanCommand
{
    readonly Argument<string> _action = new("ACTION") { Description = "create, list, describe, delete or predict." };
    readonly Argument<string?> _model =
        new("MODEL") { Description = "The model's name; for predict also MODEL/VERSION.", Arity = ArgumentArity.ZeroOrOne };
    readonly Option<string?> _description = new("--description") { Description = "For create.", HelpName = "TEXT" };
    readonly Option<string?> _instances =
        new("--json-instances") { Description = "For predict: a file with a JSON instance on each line.", HelpName = "FILE" };
    readonly ServerOptions _server = new();

    public ModelsCommand()
        : base(
            "models", "Make, list, ask and delete models of a server.",
            new Example("capstan models create trips", "a name for versions to come"),
            new Example("capstan models predict trips --json-instances rows.jsonl", "by its default version"),
            new Example("capstan models list --server http://ml:8080 --project rides", "on another machine"))
    {
        Arguments.Add(_action);
        Arguments.Add(_model);
        Options.Add(_description);
        Options.Add(_instances);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var action = line.GetRequiredValue(_action);
        await using var server = await _server.ConnectAsync(line, cancellationToken);
        var connection = server.Client.Connection;
        var models = $"v1/{server.Project}/models";
        switch (action)
        {
            case "create":
                ResourceText.Write(session, await connection.SendAsync(HttpMethod.Post, models, new JsonObject
                {
                    ["name"] = ModelOf(line), ["description"] = line.GetValue(_description),
                }, cancellationToken));
                return ExitCodes.Ok;
            case "list":
                ResourceText.WriteList(session, "models",
                    await ResourceLists.AllAsync(connection, models, "models", cancellationToken), "defaultVersion",
                    "description");
                return ExitCodes.Ok;
            case "describe":
                ResourceText.Write(session,
                    await connection.SendAsync(HttpMethod.Get, $"{models}/{ModelOf(line)}", null, cancellationToken));
                return ExitCodes.Ok;
            case "delete":
                await server.Client.WaitAsync(
                    await connection.SendAsync(HttpMethod.Delete, $"{models}/{ModelOf(line)}", null, cancellationToken),
                    cancellationToken);
                session.Remark("Deleted.");
                return ExitCodes.Ok;
            case "predict":
                ResourceText.Write(session, await connection.SendAsync(
                    HttpMethod.Post, $"{models}/{ModelOf(line).Replace("/", "/versions/")}:predict",
                    await InstancesAsync(line, cancellationToken), cancellationToken));
                return ExitCodes.Ok;
            default:
                throw new UsageException(
                    $"'capstan models {action}' is no action; there are create, list, describe, delete and predict.");
        }
    }

    async Task<JsonObject> InstancesAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var path = line.GetValue(_instances) ?? throw new UsageException("--json-instances must say where the rows are.");
        var instances = new JsonArray();
        foreach (var (index, text) in (await File.ReadAllLinesAsync(path, cancellationToken)).Index()
            .Where(each => each.Item.Trim().Length > 0))
        {
            try
            {
                instances.Add(JsonNode.Parse(text));
            }
            catch (System.Text.Json.JsonException problem)
            {
                throw new UsageException($"{path}, line {index + 1} is no JSON: {problem.Message}");
            }
        }

        return new JsonObject { ["instances"] = instances };
    }

    string ModelOf(ParseResult line) => line.GetValue(_model) ?? throw new UsageException("the model's name is missing.");
}
