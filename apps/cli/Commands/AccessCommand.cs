using System.CommandLine;
using System.Text.Json.Nodes;
using Capstan.Service;

namespace Capstan.Cli;

/// <summary><c>capstan access</c>: keys and roles, set where the database is, by whoever may read it.</summary>
sealed class AccessCommand : CapstanCommand
{
    readonly Argument<string> _action = new("ACTION") { Description = "create-key, list-keys, revoke-key, grant or withdraw." };
    readonly Argument<string?> _subject = new("NAME")
    {
        Description = "For create-key the application's name; for revoke-key the key's id; for grant and withdraw the member.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<string?> _project = new("--project") { Description = "The project that the role is for.", HelpName = "NAME" };
    readonly Option<string?> _role = new("--role") { Description = "viewer, predictor, developer or owner.", HelpName = "ROLE" };
    readonly Option<int?> _days = new("--days") { Description = "How long the key lasts; for ever without it.", HelpName = "N" };
    readonly Option<string> _data = new("--data")
    {
        Description = "The server's data folder.", HelpName = "DIR", DefaultValueFactory = _ => ServerOptions.UsualFolder,
    };

    readonly Option<string?> _database =
        new("--database") { Description = "The server's database, where it is not in that folder.", HelpName = "URL" };

    public AccessCommand()
        : base(
            "access", "Make keys and give roles.",
            new Example("capstan access create-key trips-app --project rides --role predictor",
                "shown once; only its hash is kept"),
            new Example("capstan access grant user:ana@example.com --project rides --role owner", "who comes with a token"))
    {
        Arguments.Add(_action);
        Arguments.Add(_subject);
        foreach (var option in new Option[] { _project, _role, _days, _data, _database })
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var place = line.GetValue(_database) ?? Path.Combine(line.GetRequiredValue(_data), "registry.db");
        await using var access = await AccessAdministration.OpenAsync(place, TimeProvider.System, cancellationToken);
        var action = line.GetRequiredValue(_action);
        switch (action)
        {
            case "create-key":
                var (id, secret) = await access.CreateKeyAsync(
                    $"serviceAccount:{Subject(line)}", line.GetValue(_days) is { } days ? TimeSpan.FromDays(days) : null,
                    cancellationToken);
                if (line.GetValue(_project) is not null)
                {
                    await access.GrantAsync(Project(line), $"serviceAccount:{Subject(line)}", Role(line), cancellationToken);
                }

                ResourceText.Write(session, new JsonObject { ["id"] = id, ["key"] = secret });
                session.Remark("Keep the key now: only its hash is stored, and it is not shown again.");
                return ExitCodes.Ok;
            case "list-keys":
                ResourceText.WriteList(session, "keys",
                    [.. (await access.KeysAsync(cancellationToken)).Select(key => new JsonObject
                {
                    ["name"] = key.Id, ["member"] = key.Member, ["expires"] = $"{key.ExpiresAt:u}",
                    ["revoked"] = $"{key.RevokedAt:u}",
                })], "member", "expires", "revoked");
                return ExitCodes.Ok;
            case "revoke-key":
                return await access.RevokeKeyAsync(Subject(line), cancellationToken) ? ExitCodes.Ok
                    : throw new UsageException(
                        $"there is no key '{Subject(line)}' that is not revoked; 'capstan access list-keys' tells their ids.");
            case "grant":
                await access.GrantAsync(Project(line), Subject(line), Role(line), cancellationToken);
                return ExitCodes.Ok;
            case "withdraw":
                await access.WithdrawAsync(Project(line), Subject(line), cancellationToken);
                return ExitCodes.Ok;
            default:
                throw new UsageException(
                    $"'capstan access {action}' is no action; there are create-key, list-keys, revoke-key, grant and withdraw.");
        }
    }

    string Subject(ParseResult line) => line.GetValue(_subject) ?? throw new UsageException("a name is missing.");

    string Project(ParseResult line) =>
        line.GetValue(_project) ?? throw new UsageException("--project must say where the role is for.");

    string Role(ParseResult line) => line.GetValue(_role) is "viewer" or "predictor" or "developer" or "owner"
        ? $"roles/ml.{line.GetValue(_role)}"
        : throw new UsageException($"--role was given '{line.GetValue(_role)}', expected viewer, predictor, developer or owner.");
}
