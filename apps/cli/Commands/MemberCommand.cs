using System.CommandLine;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary><c>capstan member</c>: the other side of <c>capstan run</c>, which pools start and people don't.</summary>
sealed class MemberCommand : CapstanCommand
{
    readonly Option<string> _run = new("--run") { Description = "HOST:PORT of the run.", HelpName = "HOST:PORT", Required = true };
    readonly Option<string> _name = new("--name") { Description = "Which member this is.", HelpName = "NAME", Required = true };

    public MemberCommand()
        : base(
            "member", "One process of a run; 'capstan run' starts it.",
            new Example("capstan member --run 10.0.0.5:40001 --name worker-0", $"with the run's token in {JoinToken.Variable}"))
    {
        Hidden = true;
        Options.Add(_run);
        Options.Add(_name);
    }

    protected override Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var place = line.GetRequiredValue(_run);
        var colon = place.LastIndexOf(':');
        return colon > 0 && int.TryParse(place[(colon + 1)..], out var port)
            ? MemberProcess.RunAsync(place[..colon].Trim('[', ']'), port, Tokens.OfVariable(), line.GetRequiredValue(_name), cancellationToken)
            : throw new UsageException($"--run was given '{place}', expected HOST:PORT.");
    }
}
