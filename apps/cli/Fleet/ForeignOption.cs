using System.CommandLine;

namespace Capstan.Cli;

/// <summary>What models of other programs may take, each in a process of its own beside the one that serves.</summary>
sealed class ForeignOption
{
    readonly Option<int> _memory = new(ForeignLimits.MemoryName)
    {
        Description = "The most memory of an imported model's process, in MiB.", HelpName = "MIB",
        DefaultValueFactory = _ => ForeignLimits.Usual.Mebibytes,
    };

    readonly Option<int> _seconds = new(ForeignLimits.SecondsName)
    {
        Description = "How long an imported model may compute for a request.", HelpName = "N",
        DefaultValueFactory = _ => ForeignLimits.Usual.Seconds,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_memory);
        command.Options.Add(_seconds);
    }

    /// <exception cref="UsageException">A number is none.</exception>
    public ForeignLimits Of(ParseResult line) => new(Checked(line, _memory), Checked(line, _seconds));

    /// <summary>For the native program, which has to be told how such a process is started, word by word.</summary>
    public string[] NativeArgumentsOf(ParseResult line) =>
        [.. Of(line).Words, .. Self.Words.Append(ForeignProgram.Word).SelectMany(word => new[] { "--foreign", word })];

    static int Checked(ParseResult line, Option<int> option) => line.GetValue(option) is >= 1 and var number
        ? number
        : throw new UsageException($"{option.Name} was given {line.GetValue(option)}, expected 1 or more.");
}
