using System.Globalization;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>
/// A training's reports as stages of progress. What a person should know is kept for afterwards, when no bar is in its way.
/// </summary>
sealed class TrainingStages(IWorkProgress progress) : IProgress<TrainingReport>, IDisposable
{
    IWorkStage? _stage;
    string? _name;
    long _rows;

    public List<string> Notices { get; } = [];

    public List<TrainingWarning> Warnings { get; } = [];

    public void Report(TrainingReport value)
    {
        switch (value)
        {
            case TrainingReport.Reading reading:
                Advance(reading.Stage, reading.RowsTotal, reading.Rows);
                break;
            case TrainingReport.Learning { Progress: var learning }:
                var epochs = learning.Epochs > 1 ? $"{learning.Round} {learning.EpochNumber} of {learning.Epochs} · " : "";
                var validation = learning.Finished?.ValidationLoss is { } loss ? $" · validation {Shown(loss)}" : "";
                Advance("learning", learning.RowsTotal, learning.RowsDone)
                    .Show($"{epochs}loss {Shown(learning.Loss)}{validation}");
                break;
            case TrainingReport.Warning { Found: var warning }:
                Warnings.Add(warning);
                break;
            case TrainingReport.Analysed analysed:
                Analysed = analysed;
                break;
            case TrainingReport.Notice notice:
                Notices.Add(notice.Text);
                break;
        }
    }

    /// <summary>What a database found out, if one was asked.</summary>
    public TrainingReport.Analysed? Analysed { get; private set; }

    /// <summary>The stage under way was done.</summary>
    public void Complete() => _stage?.Complete();

    public void Dispose() => _stage?.Dispose();

    IWorkStage Advance(string name, long? total, long rows)
    {
        // Fewer rows than before: the same stage, once more from the start.
        if (_stage is null || name != _name || rows < _rows)
        {
            _stage?.Complete();
            _stage?.Dispose();
            (_stage, _name, _rows) = (progress.Start(name, total, "rows"), name, 0);
        }

        _stage.Advance(rows - _rows);
        _rows = rows;
        return _stage;
    }

    static string Shown(double loss) => loss.ToString("G4", CultureInfo.InvariantCulture);
}
