using System.CommandLine;
using System.Globalization;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>Where and how often a training's state is kept.</summary>
sealed class CheckpointOption
{
    readonly Option<string?> _folder = new("--checkpoint")
    {
        Description = "A folder that keeps the training's state: killed and run again, it goes on from there, to the same model.",
        HelpName = "FOLDER",
    };

    readonly Option<string?> _every = new("--checkpoint-every")
    {
        Description = "How often: after so many batches (500), or so much time (90s, 5m); 30s without it. Changes no result.",
        HelpName = "N|TIME",
    };

    public CheckpointOption() => _every.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is { } text && Parse(text, "") is null)
        {
            result.AddError(
                $"--checkpoint-every is '{text}'; expected a number of batches such as 500, or a time such as 90s or 5m.");
        }
    });

    public IEnumerable<Option> Options => [_folder, _every];

    public void AddTo(Command command)
    {
        command.Options.Add(_folder);
        command.Options.Add(_every);
    }

    public CheckpointOptions? Of(ParseResult line) => (line.GetValue(_folder), line.GetValue(_every)) switch
    {
        (null, null) => null,
        (null, _) => throw new UsageException("--checkpoint-every says how often; --checkpoint FOLDER says where to."),
        ({ } folder, null) => new CheckpointOptions(folder),
        var (folder, every) => Parse(every, folder),
    };

    static CheckpointOptions? Parse(string text, string folder)
    {
        var unit = text.Length > 0 ? text[^1] : ' ';
        if (!int.TryParse(unit is 's' or 'm' ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) || number < 1)
        {
            return null;
        }

        return unit switch
        {
            's' => new CheckpointOptions(folder) { Every = TimeSpan.FromSeconds(number) },
            'm' => new CheckpointOptions(folder) { Every = TimeSpan.FromMinutes(number) },
            _ => new CheckpointOptions(folder) { EveryBatches = number },
        };
    }
}
