using System.CommandLine;
using System.Text.Json;

namespace Capstan.Cli;

/// <summary><c>capstan routes</c>: who answers what, and changes of it.</summary>
sealed class RoutesCommand : CapstanCommand
{
    readonly Argument<string?> _model = new("MODEL") { Description = "One model; otherwise all.", Arity = ArgumentArity.ZeroOrOne };

    readonly Option<string?> _split = new("--split")
    {
        Description = "Divide the traffic anew: v1=90%,v2=10%; none stops it.", HelpName = "SHARES",
    };

    readonly Option<string?> _sticky = new("--sticky")
    {
        Description = "With --split, what callers stick by: header:NAME, cookie:NAME or field:NAME.", HelpName = "KEY",
    };

    readonly Option<bool> _rollback = new("--rollback") { Description = "Go back to the split before this one." };

    readonly Option<string?> _label = new("--label") { Description = "Let a label name a version: stable=v2.", HelpName = "LABEL" };

    readonly Option<string?> _undeploy = new("--undeploy") { Description = "Take a version away that has no traffic.", HelpName = "VERSION" };

    readonly ServerOption _server = new();

    public RoutesCommand()
        : base(
            "routes", "Show which version answers how much of which model, and change it.",
            new Example("capstan routes", "all models, with what was seen since the last change"),
            new Example("capstan routes trips --split v1=50%,v2=50% --sticky header:X-User", "half and half, each user always the same"),
            new Example("capstan routes trips --rollback", "as it was before"))
    {
        Arguments.Add(_model);
        Options.Add(_split);
        Options.Add(_sticky);
        Options.Add(_rollback);
        Options.Add(_label);
        Options.Add(_undeploy);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (method, path, body) = RequestOf(line);
        using var gateway = _server.Connect(line);
        var answer = await gateway.SendAsync(method, path, body, cancellationToken);
        JsonElement[] routes = answer.TryGetProperty("routes", out var all) ? [.. all.EnumerateArray()] : [answer];
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartArray("routes");
                foreach (var route in routes)
                {
                    route.WriteTo(json);
                }

                json.WriteEndArray();
            });
        }
        else
        {
            RouteTable.Write(session, routes);
        }

        return ExitCodes.Ok;
    }

    (HttpMethod Method, string Path, object? Body) RequestOf(ParseResult line)
    {
        var model = line.GetValue(_model);
        var path = model is null ? "/v1beta/routes" : $"/v1beta/routes/{model}";
        var (split, label, undeploy, rollback) = (line.GetValue(_split), line.GetValue(_label), line.GetValue(_undeploy), line.GetValue(_rollback));
        var changes = new[] { split is not null, label is not null, undeploy is not null, rollback }.Count(asked => asked);
        if (changes == 0)
        {
            return (HttpMethod.Get, path, null);
        }

        return model is null ? throw new UsageException("a change needs the model: capstan routes MODEL …")
            : changes > 1 ? throw new UsageException("--split, --label, --undeploy and --rollback are changes of their own; make one at a time.")
            : split is not null ? (HttpMethod.Put, $"{path}/split", new { shares = SharesOf(split), sticky = line.GetValue(_sticky) })
            : label is not null ? (HttpMethod.Put, $"{path}/labels/{PairOf(label, "--label").Name}", new { version = PairOf(label, "--label").Value })
            : undeploy is not null ? (HttpMethod.Post, $"{path}:undeploy", new { version = undeploy })
            : (HttpMethod.Post, $"{path}:rollback", null);
    }

    static object[] SharesOf(string split) => split == "none" ? [] : [.. split.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(share => PairOf(share, "--split")).Select(share => new { version = share.Name, perMille = Percentage.PerMilleOf(share.Value) })];

    static (string Name, string Value) PairOf(string text, string option) =>
        text.Split('=') is [var name, var value] && name.Length > 0 && value.Length > 0
            ? (name, value)
            : throw new UsageException($"{option} was given '{text}', expected NAME=VALUE.");
}
