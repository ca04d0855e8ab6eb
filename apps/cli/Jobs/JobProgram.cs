using Capstan.Service;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>
/// <c>capstan run-job FOLDER</c>: the process of a job, which a server starts and nobody types; therefore no command of the help.
/// </summary>
static class JobProgram
{
    public const string Word = "run-job";

    /// <param name="words">What the server says of imported models and machines, each of which may be missing.</param>
    public static async Task<int> RunAsync(string[] words, string folder, CancellationToken cancellationToken)
    {
        using var telemetry = TelemetryOption.StartByVariables();
        var (foreign, rest) = ForeignLimits.Parse(words);
        foreign.EnableForJobs();
        var machines = JobMachines.Parse(rest, foreign, folder);
        return await new JobProcess(
            (order, target, log, cancelled) => TrainAsync(machines, order, target, log, cancelled),
            machines is null ? null : machines.RunAsync, machines is null ? null : machines.PredictAsync, TimeProvider.System).RunAsync(folder, cancellationToken);
    }

    /// <param name="machines">Null: this one is all there is.</param>
    /// <returns>How many machines trained.</returns>
    static async Task<int> TrainAsync(
        JobMachines? machines, JobOrder.TrainPipeline order, string folder, IJobLog log, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline.Parse(order.Pipeline);
        pipeline.Validate();
        if (order.Members is { } members && machines is not null)
        {
            await machines.TrainAsync(order, members, folder, log, cancellationToken);
            return members.Machines;
        }

        if (order.Members is not null)
        {
            log.Write(
                "WARNING",
                "The job asks for several machines, and the server has no pool of them (--pool): one trains it, with the same result.");
        }

        await TrainAsync(order, pipeline, folder, log, cancellationToken);
        return 1;
    }

    static async Task TrainAsync(
        JobOrder.TrainPipeline order, Pipeline pipeline, string folder, IJobLog log, CancellationToken cancellationToken)
    {
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
