using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Capstan.Cli;

/// <summary>The library's help, then lines to try; for the program as a whole, the exit codes.</summary>
sealed class HelpWithExamples : SynchronousCommandLineAction
{
    // Fixed, so that help reads the same in a window, a pipe and the golden test.
    const int Width = 110;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var (output, help) = (configuration.Output, new StringWriter { NewLine = configuration.Output.NewLine });
        configuration.Output = help;
        new HelpAction { MaxWidth = Width }.Invoke(parseResult);
        configuration.Output = output;

        // The library calls the program after the assembly that runs, which nobody types.
        output.Write(help.ToString().Replace($"  {RootCommand.ExecutableName} ", "  capstan "));
        WriteMore(parseResult.CommandResult.Command, output);
        return ExitCodes.Ok;
    }

    /// <summary>Writes a command's help where no help was asked for.</summary>
    public static int Write(Command command, TextWriter output)
    {
        var path = command is RootCommand ? "--help" : $"{command.Name} --help";
        var root = command is RootCommand ? command : command.Parents.OfType<Command>().First();
        return root.Parse(path).Invoke(new InvocationConfiguration { Output = output });
    }

    static void WriteMore(Command command, TextWriter output)
    {
        if (command is CapstanCommand { Examples: var examples })
        {
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var (line, purpose) in examples)
            {
                output.WriteLine($"  {line}");
                output.WriteLine($"      {purpose}");
            }

            return;
        }

        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCodes.All)
        {
            output.WriteLine($"  {code,-4} {meaning}");
        }
    }
}
