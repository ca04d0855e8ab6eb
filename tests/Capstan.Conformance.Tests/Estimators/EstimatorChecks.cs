using System.Collections.Concurrent;
using Capstan.Data;
using Capstan.Models;
using Capstan.Training;

namespace Capstan.Conformance.Tests;

/// <summary>What every estimator promises, asked of every family in <see cref="EstimatorTable"/> on every task.</summary>
public abstract class EstimatorChecks : IDisposable
{
    private protected static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private protected static readonly EstimatorRow[] Learned = EstimatorRows.Make(600);
    private protected static readonly EstimatorRow[] Held = EstimatorRows.Make(300, seed: 2);
    static readonly ConcurrentDictionary<string, Task<TrainedModel>> Models = new();

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("capstan-estimators-").FullName;

    public static IEnumerable<TheoryDataRow<string>> Names => EstimatorCase.All.Select(each => new TheoryDataRow<string>(each.Name));

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static EstimatorCase CaseOf(string name) => EstimatorCase.All.Single(each => each.Name == name);

    private protected static Task<TrainedModel> ModelAsync(string name) => Models.GetOrAdd(name, _ => TrainAsync(CaseOf(name).Pipeline, Learned, threads: 2));

    private protected static Task<TrainedModel> TrainAsync(
        Pipeline pipeline, EstimatorRow[] rows, IProgress<TrainingReport>? progress = null, CheckpointOptions? checkpoint = null, int threads = 2,
        CancellationToken token = default) =>
        new PipelineTraining(pipeline, TimeProvider.System, progress) { Threads = threads, Checkpoint = checkpoint }.RunAsync(Dataset.From(rows), token);

    /// <summary>The root mean square error, or the log loss of classes, on rows held out.</summary>
    private protected static async Task<double> EvaluateAsync(TrainedModel model)
    {
        var evaluation = await model.EvaluateAsync(Dataset.From(Held), Token);
        return evaluation[model.Artifact.Label.Classes is null ? "rmse" : "log_loss"]!.Value;
    }

    private protected static ModelScorer ScorerOf(TrainedModel model) => new(model.Artifact.Transform, model.Artifact.Predictor);

    private protected static async Task<ColumnBatch> BatchAsync(TrainedModel model, EstimatorRow[] rows)
    {
        await foreach (var batch in model.PredictAsync(Dataset.From(rows), [], Token))
        {
            var copy = new BatchBuilder(batch.Rows.Schema);
            copy.AppendRange(batch.Rows, 0, batch.Rows.RowCount);
            return copy.Batch;
        }

        throw new InvalidOperationException("There were no rows.");
    }

    private protected sealed class Listener(Action<TrainingProgress> heard) : IProgress<TrainingReport>
    {
        public void Report(TrainingReport value)
        {
            if (value is TrainingReport.Learning learning)
            {
                heard(learning.Progress);
            }
        }
    }
}
