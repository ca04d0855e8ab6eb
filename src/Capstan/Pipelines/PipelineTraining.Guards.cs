using System.Runtime.CompilerServices;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>Warnings of what makes a model worse than it looks.</summary>
public sealed partial class PipelineTraining
{
    void Warn(IEnumerable<TrainingWarning> warnings)
    {
        if (progress is null)
        {
            return;
        }

        foreach (var warning in warnings)
        {
            progress.Report(new TrainingReport.Warning(warning));
        }
    }

    static IReadOnlyList<string>? NamesOf(ClassNames? classes) => classes is null ? null : [.. classes.Names];

    static async IAsyncEnumerable<TrainingBatch> WatchedAsync(
        IAsyncEnumerable<TrainingBatch> batches, RowWatch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            watch.Observe(batch);
            yield return batch;
        }
    }
}
