using System.CommandLine;
using System.Globalization;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Cli;

/// <summary>What models of other programs may take, each in a process of its own beside the one that serves.</summary>
sealed class ForeignOption
{
    const string MemoryName = "--foreign-memory";
    const string SecondsName = "--foreign-seconds";

    readonly Option<int> _memory = new(MemoryName)
    {
        Description = "The most memory of an imported model's process, in MiB.", HelpName = "MIB", DefaultValueFactory = _ => 2048,
    };

    readonly Option<int> _seconds = new(SecondsName)
    {
        Description = "How long an imported model may compute for a request.", HelpName = "N", DefaultValueFactory = _ => 30,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_memory);
        command.Options.Add(_seconds);
    }

    /// <summary>From now on, this process runs imported models in processes of their own.</summary>
    /// <exception cref="UsageException">A number is none.</exception>
    public void Enable(ParseResult line) => ForeignRuntime.Add(new IsolatedRuntime(
        IsolatedRuntime.Onnx, new IsolationOptions(Self.Words[0], [.. Self.Words[1..], ForeignProgram.Word])
        {
            MemoryBytes = (long)Checked(line, _memory) << 20, CallLimit = TimeSpan.FromSeconds(Checked(line, _seconds)),
        }));

    /// <summary>The same for a replica that <c>capstan replica</c> is.</summary>
    public string[] ArgumentsOf(ParseResult line) => [MemoryName, Text(Checked(line, _memory)), SecondsName, Text(Checked(line, _seconds))];

    /// <summary>The same for the native program, which has to be told how such a process is started, word by word.</summary>
    public string[] NativeArgumentsOf(ParseResult line) =>
        [.. ArgumentsOf(line), .. Self.Words.Append(ForeignProgram.Word).SelectMany(word => new[] { "--foreign", word })];

    static int Checked(ParseResult line, Option<int> option) => line.GetValue(option) is >= 1 and var number
        ? number
        : throw new UsageException($"{option.Name} was given {line.GetValue(option)}, expected 1 or more.");

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
