using Capstan.Data;
using Capstan.Training;

namespace Capstan;

/// <summary>
/// Writes a training's curves into a folder that TensorBoard shows: give it to <c>FitAsync</c> as progress. Steps are rows
/// learned from. A folder that can't be written is said once, and training goes on.
/// </summary>
/// <remarks>
/// <c>loss/training</c> and <c>rows_per_second</c> every twenty batches, <c>learning_rate</c> where the learner has one for all
/// parameters; <c>loss/epoch</c> and <c>loss/validation</c> after each epoch; <c>validation/auc</c> and so on of the finished
/// model.
/// </remarks>
/// <param name="folder">One for each run: TensorBoard tells runs apart by their folders.</param>
/// <param name="next">Who else wants to know; null for nobody.</param>
public sealed class TensorBoardLog(string folder, TimeProvider clock, IProgress<TrainingReport>? next = null)
    : IProgress<TrainingReport>, IDisposable
{
    EventFile? _file;
    bool _hasFailed;
    long _step;

    public TensorBoardLog(string folder)
        : this(folder, TimeProvider.System)
    {
    }

    public void Report(TrainingReport value)
    {
        switch (value)
        {
            case TrainingReport.Learning { Progress: var progress }:
                _step = progress.RowsDone;
                Write(ScalarsOf(progress));
                break;
            case TrainingReport.Validated validated:
                Write(validated.Metrics.Select(metric => KeyValuePair.Create($"validation/{metric.Key}", metric.Value)));
                break;
        }

        next?.Report(value);
    }

    public void Dispose() => _file?.Dispose();

    static IEnumerable<KeyValuePair<string, double>> ScalarsOf(TrainingProgress progress)
    {
        if (progress.Finished is { } epoch)
        {
            yield return new("loss/epoch", epoch.TrainingLoss);
            if (epoch.ValidationLoss is { } loss)
            {
                yield return new("loss/validation", loss);
            }

            yield break;
        }

        yield return new("loss/training", progress.Loss);
        yield return new("rows_per_second", progress.RowsPerSecond);
        if (progress.LearningRate is { } rate)
        {
            yield return new("learning_rate", rate);
        }
    }

    void Write(IEnumerable<KeyValuePair<string, double>> scalars)
    {
        if (_hasFailed)
        {
            return;
        }

        try
        {
            (_file ??= new EventFile(folder, clock)).Add(_step, scalars);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
            next?.Report(new TrainingReport.Notice(
                $"the curves could not be written to '{folder}' ({cause.Message.TrimEnd('.')}); training goes on without"));
        }
    }
}
