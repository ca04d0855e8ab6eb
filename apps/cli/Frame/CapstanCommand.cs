using System.CommandLine;

namespace Capstan.Cli;

/// <summary>A line that works as it stands, and what it does.</summary>
readonly record struct Example(string Line, string Purpose);

/// <summary>
/// One command: its name, options, examples, and what it does. A new command is one file, and one line in <see
/// cref="CommandLine.Commands"/>.
/// </summary>
abstract class CapstanCommand : Command
{
    readonly Option<bool> _json = new("--json")
    {
        Description = "Write the result as one JSON object, for programs; no progress bars.",
    };

    readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Write nothing but the result and errors." };

    protected CapstanCommand(string name, string description, params Example[] examples)
        : base(name, description)
    {
        Examples = examples;
        Options.Add(_json);
        Options.Add(_quiet);
        SetAction((line, cancellationToken) => ErrorEdge.RunAsync(
            Name, TerminalOf(line), token => RunAsync(line, SessionOf(line), token), cancellationToken));
    }

    /// <summary>At least one; the help shows them.</summary>
    public IReadOnlyList<Example> Examples { get; }

    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    protected abstract Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken);

    CommandSession SessionOf(ParseResult line) => new(TerminalOf(line), line.GetValue(_json), line.GetValue(_quiet));

    static Terminal TerminalOf(ParseResult line) => ((CapstanInvocation)line.InvocationConfiguration).Terminal;
}

/// <summary>Carries the terminal to the command that is run.</summary>
sealed class CapstanInvocation : InvocationConfiguration
{
    public CapstanInvocation(Terminal terminal)
    {
        Terminal = terminal;
        Output = terminal.Output;
        Error = terminal.Error;

        // Both are the frame's: Interruption and ErrorEdge.
        ProcessTerminationTimeout = null;
        EnableDefaultExceptionHandler = false;
    }

    public Terminal Terminal { get; }
}
