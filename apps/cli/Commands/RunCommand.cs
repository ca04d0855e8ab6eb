using System.CommandLine;
using System.Collections.Immutable;
using System.Net;
using Capstan.Cluster;
using Spectre.Console;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan run</c>: a program of the user's own as several processes, each of which finds its part in TF_CONFIG and
/// CLUSTER_SPEC.
/// </summary>
sealed class RunCommand : CapstanCommand
{
    readonly Argument<string[]> _command = new("COMMAND")
    {
        Description = "The program and its arguments, after --.", Arity = ArgumentArity.OneOrMore,
    };

    readonly Option<int> _workers = new("--workers", "-w") { Description = "How many workers beside the chief.", HelpName = "N" };
    readonly Option<int> _servers = new("--parameter-servers") { Description = "How many parameter servers.", HelpName = "N" };
    readonly Option<int> _evaluators = new("--evaluators") { Description = "How many evaluators.", HelpName = "N" };
    readonly PoolOptions _pool = new();

    public RunCommand()
        : base(
            "run", "Run a program of your own as chief, workers and parameter servers.",
            new Example("capstan run --workers 3 --parameter-servers 1 -- python3 train.py --epochs 3", "five processes on this machine"),
            new Example("capstan run --workers 8 --pool slurm -- ./train", "the same, on machines that Slurm gives"))
    {
        Options.Add(_workers);
        Options.Add(_servers);
        Options.Add(_evaluators);
        _pool.AddTo(this);
        Arguments.Add(_command);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var pool = _pool.Of(line);
        var logs = Path.Combine(ClusterPlace.Runs, $"{session.Terminal.Time.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}");
        var options = new RunOptions([.. line.GetRequiredValue(_command)], Self.Words, Environment.CurrentDirectory, Path.GetFullPath(logs))
        {
            Workers = NotNegative(line, _workers), ParameterServers = NotNegative(line, _servers), Evaluators = NotNegative(line, _evaluators),
            Needs = _pool.NeedsOf(line), Address = _pool.AddressOf(line, pool),
        };
        var width = Math.Max("chief-0".Length, options.Evaluators > 0 ? "evaluator-0".Length : options.Workers > 10 ? "worker-10".Length : "worker-0".Length);
        var run = new DistributedRun(options, pool, (member, text, isError) =>
            (isError ? session.Terminal.Error : session.Terminal.Output).WriteLine($"{member.ToString().PadRight(width)} | {text}"));
        var outcome = await run.RunAsync(cancellationToken);
        if (outcome.Code != 0)
        {
            session.Terminal.Error.WriteLine($"capstan run: {outcome.Reason}.");
        }

        return outcome.Code;
    }

    static int NotNegative(ParseResult line, Option<int> option) => line.GetValue(option) is >= 0 and var count
        ? count
        : throw new UsageException($"{option.Name} was given {line.GetValue(option)}, expected 0 or more.");
}
