using Capstan.Service;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan run-job FOLDER</c>: the process of a job, which a server starts and nobody types; therefore no command of the help.
/// </summary>
static class JobProgram
{
    public const string Word = "run-job";

    public static Task<int> RunAsync(string folder, CancellationToken cancellationToken) =>
        new JobProcess(TrainAsync, TimeProvider.System).RunAsync(folder, cancellationToken);

    static async Task TrainAsync(JobOrder.TrainPipeline order, string folder, IJobLog log, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline.Parse(order.Pipeline);
        pipeline.Validate();
        var dataset = Dataset.Read(order.Data);
        log.Write("INFO", $"Training on {string.Join(", ", order.Data.Select(Path.GetFileName))}.");
        var model = await new PipelineTraining(pipeline, TimeProvider.System, new Reports(log)).RunAsync(dataset, cancellationToken);
        model.Save(folder);
        log.Write("INFO", $"Model {model.Hash}: {string.Join(", ", model.Artifact.Lineage.Metrics.Select(metric => $"{metric.Key} {metric.Value:G6}"))}.");
    }

    /// <summary>What a training reports, as lines; progress within a pass is left out.</summary>
    sealed class Reports(IJobLog log) : IProgress<TrainingReport>
    {
        public void Report(TrainingReport value)
        {
            switch (value)
            {
                case TrainingReport.Learning { Progress: { Finished: { } finished } progress }:
                    log.Write("INFO", $"Epoch {progress.EpochNumber} of {progress.Epochs}: loss " +
                        $"{progress.Loss:G5}{(finished.ValidationLoss is { } loss ? $", validation {loss:G5}" : "")}.");
                    break;
                case TrainingReport.Notice notice:
                    log.Write("INFO", notice.Text);
                    break;
                case TrainingReport.Warning { Found: var warning }:
                    log.Write("WARNING", warning.Text);
                    break;
            }
        }
    }
}
