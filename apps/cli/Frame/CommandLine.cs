using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace Capstan.Cli;

/// <summary>All commands, and the way from the words typed to the one that runs.</summary>
static class CommandLine
{
    public static IEnumerable<CapstanCommand> Commands =>
    [
        new DescribeCommand(),
        new SchemaCommand(),
        new ValidateCommand(),
        new InitCommand(),
        new TrainCommand(),
        new EvaluateCommand(),
        new PredictCommand(),
        new ExplainCommand(),
        new ImportanceCommand(),
        new ShowCommand(),
        new TransformCommand(),
        new FeaturesCommand(),
        new ExportCommand(),
        new ImportCommand(),
        new ServeCommand(),
        new ServerCommand(),
        new ModelsCommand(),
        new VersionsCommand(),
        new JobsCommand(),
        new DatasetsCommand(),
        new AlertsCommand(),
        new ReproduceCommand(),
        new AccessCommand(),
        new BackupCommand(),
        new RestoreCommand(),
        new RunCommand(),
        new NodeCommand(),
        new ClusterCommand(),
        new GatewayCommand(),
        new DeployCommand(),
        new RoutesCommand(),
        new ScaleCommand(),
        new LoadTestCommand(),
        new AbCommand(),
        new ReplicaCommand(),
        new SimulateCommand(),
        new QuickstartCommand(),
        new VersionCommand(),
    ];

    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(
        IEnumerable<CapstanCommand> commands, string[] words, Terminal terminal, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Capstan: from raw rows to served predictions, on your own machines.");
        // The last is nobody's to type: runs start it on the machines of their members.
        foreach (var command in commands.Append(new MemberCommand()))
        {
            root.Subcommands.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples();
        var line = root.Parse(words);
        if (line.Errors.Count > 0)
        {
            return RefuseLine(line, terminal);
        }

        if (UnknownOption(line, words) is { } unknown)
        {
            return RefuseOption(line.CommandResult.Command, unknown, terminal);
        }

        if (line.CommandResult.Command == root && line.Action is null)
        {
            return HelpWithExamples.Write(line.CommandResult.Command, terminal.Output);
        }

        return await line.InvokeAsync(new CapstanInvocation(terminal), cancellationToken);
    }

    static int RefuseLine(ParseResult line, Terminal terminal)
    {
        var path = line.CommandResult.Command is RootCommand ? "capstan" : $"capstan {line.CommandResult.Command.Name}";
        if (line.Tokens.Count == 0)
        {
            HelpWithExamples.Write(line.CommandResult.Command, terminal.Error);
            return ExitCodes.Usage;
        }

        if (line.CommandResult.Command is RootCommand && line.UnmatchedTokens is [var word, ..])
        {
            terminal.Error.WriteLine($"capstan: there is no command '{word}'. Did you mean 'capstan " +
                $"{Nearest(line.CommandResult.Command, word)}'?");
        }
        else
        {
            foreach (var error in line.Errors)
            {
                terminal.Error.WriteLine($"{path}: {error.Message}");
            }
        }

        terminal.Error.WriteLine($"Try '{path} --help'.");
        return ExitCodes.Usage;
    }
    /// <summary>
    /// A word such as --output which the command has no option for: an option of many values before it would take it for one
    /// more of them, say for a file. What follows a bare "--" is another program's.
    /// </summary>
    static string? UnknownOption(ParseResult line, string[] words)
    {
        var own = words.TakeWhile(word => word != "--").ToHashSet(StringComparer.Ordinal);
        return line.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))
            .Select(token => token.Value)
            .FirstOrDefault(own.Contains);
    }

    static int RefuseOption(Command command, string unknown, Terminal terminal)
    {
        var near = NearestOf(command.Options.Where(option => !option.Hidden).Select(option => option.Name), unknown);
        terminal.Error.WriteLine(
            $"capstan {command.Name}: there is no option '{unknown}'." +
            (near is null ? "" : $" Did you mean '{near}'?"));
        terminal.Error.WriteLine($"Try 'capstan {command.Name} --help'.");
        return ExitCodes.Usage;
    }

    /// <summary>The command that shares the longest beginning with the word; of several, the one nearest in length.</summary>
    static string Nearest(Command root, string word) => NearestOf(root.Subcommands.Select(command => command.Name), word)!;

    static string? NearestOf(IEnumerable<string> names, string word) => names
        .OrderByDescending(name => name.Zip(word).TakeWhile(pair => pair.First == pair.Second).Count())
        .ThenBy(name => Math.Abs(name.Length - word.Length))
        .FirstOrDefault();
}
