using System.CommandLine;

namespace Capstan.Cli;

/// <summary>Whether other processes or machines work on a command's data, and how many.</summary>
sealed class DataWorkersOptions
{
    readonly Option<int?> _workers = new("--workers", "-w")
    {
        Description = "Work on several processes or machines: how many read the data. Changes no result.", HelpName = "N",
    };

    public DataWorkersOptions() => _workers.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is < 1)
        {
            result.AddError($"--workers is {result.GetValueOrDefault<int?>()}; it must be 1 or more.");
        }
    });

    public JobOptions Job { get; } = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_workers);
        Job.AddTo(command);
    }

    /// <summary>Null: this process alone does it.</summary>
    public int? CountOf(ParseResult line) => line.GetValue(_workers);

    /// <exception cref="UsageException">One of the options is given, which only one machine can follow.</exception>
    public static void Refuse(ParseResult line, params IEnumerable<Option> options)
    {
        foreach (var option in options.Where(option => line.GetResult(option) is { Implicit: false }))
        {
            throw new UsageException($"{option.Name} is for one machine; leave it out, or --workers.");
        }
    }
}
