using System.CommandLine;
using Capstan.Gateway;

namespace Capstan.Cli;

/// <summary><c>capstan deploy</c>: lets a version answer, all of the traffic, some of it, or none that anybody sees.</summary>
sealed class DeployCommand : CapstanCommand
{
    readonly Argument<string> _what = new("VERSION")
    {
        Description = "A folder of a model, or MODEL/VERSION that the gateway knows.",
    };

    readonly Option<string?> _model = new("--model") { Description = "The model's name; otherwise the folder's.", HelpName = "NAME" };

    readonly Option<string?> _version = new("--version-name")
    {
        Description = "The version's name; otherwise the next of v1, v2, ….", HelpName = "NAME",
    };

    readonly Option<string?> _traffic = new("--traffic")
    {
        Description = "Its share; the others keep their proportions. Without it a first version takes all, others none.", HelpName = "PERCENT",
    };

    readonly Option<bool> _shadow = new("--shadow") { Description = "Give it a copy of every request; nobody sees its answers." };

    readonly Option<bool> _canary = new("--canary")
    {
        Description = "Take its share away again if it errs by more than a point more, or takes twice the time.",
    };

    readonly Option<double?> _maxShift = new("--max-shift")
    {
        Description = "With --canary: also if its predictions are so far from the others' (Kolmogorov–Smirnov, 0 to 1).", HelpName = "DISTANCE",
    };

    readonly Option<double?> _maxSkew = new("--max-skew")
    {
        Description = "With --canary: also if what it is asked is so far from its training data, in any column (0 to 1).", HelpName = "DISTANCE",
    };

    readonly ServerOption _server = new();

    public DeployCommand()
        : base(
            "deploy", "Let a version of a model answer requests, wholly or in part.",
            new Example("capstan deploy models/trips", "its first version takes all traffic"),
            new Example("capstan deploy models/trips-2 --model trips --traffic 10% --canary --max-shift 0.2", "a second one gets a tenth, on trial"),
            new Example("capstan deploy trips/v2 --traffic 100%", "and then all"))
    {
        Arguments.Add(_what);
        Options.Add(_model);
        Options.Add(_version);
        Options.Add(_traffic);
        Options.Add(_shadow);
        Options.Add(_canary);
        Options.Add(_maxShift);
        Options.Add(_maxSkew);
        _server.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var (model, version, folder) = Parse(line);
        ModelName.Check(model);
        using var gateway = _server.Connect(line);
        var route = await gateway.SendAsync(HttpMethod.Post, $"/v1beta/routes/{model}:deploy", new
        {
            version,
            artifact = folder,
            trafficPerMille = line.GetValue(_traffic) is { } traffic ? Percentage.PerMilleOf(traffic) : (int?)null,
            shadow = line.GetValue(_shadow),
            canary = CanaryOf(line, version),
        }, cancellationToken);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WritePropertyName("route");
                route.WriteTo(json);
            });
        }
        else
        {
            RouteTable.Write(session, [route]);
        }

        return ExitCodes.Ok;
    }

    CanarySettings? CanaryOf(ParseResult line, string? version)
    {
        var (shift, skew) = (line.GetValue(_maxShift), line.GetValue(_maxSkew));
        return line.GetValue(_canary) ? new CanarySettings(version ?? "", MaxPredictionShift: shift, MaxInputSkew: skew)
            : (shift ?? skew) is null ? null
            : throw new UsageException("--max-shift and --max-skew say when a version on trial goes back; add --canary.");
    }

    (string Model, string? Version, string? Folder) Parse(ParseResult line)
    {
        var what = line.GetRequiredValue(_what);
        if (Directory.Exists(what))
        {
            var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(what));
            return (line.GetValue(_model) ?? Path.GetFileName(folder), line.GetValue(_version), folder);
        }

        return what.Split('/') is [var model, var version] && model.Length > 0 && version.Length > 0
            ? (model, version, null)
            : throw new UsageException($"'{what}' is neither a folder of a model nor MODEL/VERSION, such as trips/v2.");
    }
}
