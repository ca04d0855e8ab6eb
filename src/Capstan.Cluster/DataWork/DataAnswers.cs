using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Cluster;

/// <summary>
/// Puts together what workers have answered about data, on the machine that asks: from the folder of a job that is over, exactly as if this
/// machine had read the rows.
/// </summary>
public sealed class DataAnswers(DataOrder order, JobDefinition job, TimeProvider clock)
{
    readonly DataRoles _roles = new(order, job.Folder, clock);

    /// <summary>The rows, which tell once the answers are put together what was left out of them.</summary>
    public Dataset Rows { get; } = order.Dataset();

    /// <summary>Of <see cref="DataAction.Describe"/>.</summary>
    public Task<TableStatistics> StatisticsAsync(CancellationToken cancellationToken) =>
        Rows.DescribeAsync(Pool(DataRoles.Raw), cancellationToken);

    /// <summary>Of <see cref="DataAction.Evaluate"/>.</summary>
    /// <param name="options">Slices and other models are the order's.</param>
    public Task<EvaluationReport> EvaluationAsync(EvaluationOptions options, CancellationToken cancellationToken)
    {
        var ordered = _roles.Evaluation();
        return _roles.Model().EvaluateAsync(
            Rows, options with { Slices = ordered.Slices, Against = ordered.Against }, Pool(DataRoles.Scored), cancellationToken);
    }

    /// <summary>Of <see cref="DataAction.Predict"/> that names no place to write to: columns as <see cref="PredictionColumns"/> has them.</summary>
    /// <returns>Batches that are valid until the next is asked for.</returns>
    public async IAsyncEnumerable<ColumnBatch> PredictionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = await _roles.Model().OpenPredictionsAsync(Rows, order.Keep, cancellationToken);
        var batches = RowsTask.ReadAllAsync(source, [.. source.Schema.Names], Pool(DataRoles.Predictions), null, cancellationToken);
        await foreach (var batch in batches)
        {
            yield return batch;
        }
    }

    /// <summary>Removes the answers from the job's folder.</summary>
    public void Remove() => new PartFolder(job.Folder).Remove();

    FinishedSplits Pool(string role) => new(new PartFolder(job.Folder), role, Rows);
}
