using System.Globalization;
using System.Text.Json;
using Capstan.Features;
using Capstan.Models;
using Capstan.Parameters;
using Capstan.Training;
using Capstan.Training.Trees;

namespace Capstan.Cluster;

/// <summary>
/// Trains a pipeline on a cluster. The coordinator runs the pipeline as a single machine would, but for the network's steps, which workers and
/// parameter servers take. What its passes over the data find out is kept in the job's folder: workers, and the next coordinator, read it there.
/// </summary>
sealed class TrainingWork(NodeOptions options, TimeProvider clock) : IJobWork
{
    // Between two tries to reach a coordinator.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public string Kind => TrainingOrder.Kind;

    public async Task<string> CoordinateAsync(ICoordination job, CancellationToken cancellationToken)
    {
        var order = TrainingOrder.Read(job.Job.Work);
        using var splits = new SplitServer(job, order.Threads, MemberChannel.Of(options), clock);
        var notices = new TrainingNotices(job, splits);
        var (pipeline, rows, channel) = (Pipeline.Parse(order.Pipeline), order.Dataset(), MemberChannel.Of(options));
        var learning = new LearningCoordination(job, splits);
        using var rounds = pipeline.Estimator.IsTrees ? new TreeRounds(learning, channel) : null;
        var training = new PipelineTraining(pipeline, clock, notices, Kept(job.Job))
        {
            Pool = splits.For(TrainingRoles.Fitted, rows),
            LearnedPool = splits.For(TrainingRoles.Learned, rows),
            HeldOutPool = splits.For(TrainingRoles.HeldOut, rows),
            Elsewhere = PipelineTraining.IsStepped(pipeline) ? new ClusterTraining(learning, order, channel, clock) : null,
            TreeSupply = rounds,
            Checkpoint = rounds is null ? null : TreeCheckpoints.Of(job),
        };
        try
        {
            var model = await training.RunAsync(rows, cancellationToken);
            model.Save(order.Out, overwrite: true);
            splits.Forget();
            return JsonSerializer.Serialize(new TrainingOutput(order.Out, model.Hash.ToString(), notices.Notices, notices.Warnings));
        }
        catch (Exception fault) when (IsTheUsers(fault))
        {
            throw new JobFailedException(fault.Message);
        }
    }

    public async Task WorkAsync(IWorkplace job, CancellationToken cancellationToken)
    {
        var order = TrainingOrder.Read(job.Job.Work);
        // Until the coordinator has analysed, it wants splits read; then nothing is left for anybody to find out.
        var splits = new SplitWorker(
            job, new TrainingRoles(order, Kept(job.Job), clock), MemberChannel.Of(options), options.Address, order.Threads, clock);
        var endpoint = await splits.RunAsync(cancellationToken);
        job.Log("reads its rows");
        var (data, pipeline) = (order.Dataset(splits.SeenBy), Pipeline.Parse(order.Pipeline));
        var rows = new PipelineTraining(pipeline, clock, null, Kept(job.Job))
        {
            Threads = order.Threads, LearnedPool = new FinishedSplits(new PartFolder(job.Job.Folder), TrainingRoles.Learned, data) { OrHere = true },
        };
        var learning = new LearningWorkplace(job, splits);
        if (pipeline.Estimator.IsTrees)
        {
            await rows.WithTreesRowsAsync(data, (store, loss, trees) => GrowAsync(learning, store, loss, trees, cancellationToken), cancellationToken);
            return;
        }

        await rows.WithTrainingRowsAsync(data, store => LearnAsync(learning, order, store, endpoint, cancellationToken), cancellationToken);
    }

    public IReadOnlyList<string> Leftovers(JobRecord job, TimeSpan over) =>
        [PartFolder.Name, "analyses", "checkpoints", Path.GetFileName(ClusterTraining.JobFile(job.Definition))];

    async Task GrowAsync(IWorkplace job, FeatureStore store, Loss loss, BoostedTreesOptions trees, CancellationToken cancellationToken)
    {
        using var worker = new TreeWorker(job, store, loss, trees, MemberChannel.Of(options), options.Address, clock);
        await worker.RunAsync(cancellationToken);
        job.Log("is done");
        // What comes next, or nothing, is for the schedule to say.
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    async Task LearnAsync(IWorkplace job, TrainingOrder order, FeatureStore store, string endpoint, CancellationToken cancellationToken)
    {
        var channel = MemberChannel.Of(options);
        string? missed = null;
        job.Log(string.Create(CultureInfo.InvariantCulture, $"learns from {store.RowCount:N0} rows"));
        while (true)
        {
            try
            {
                var training = TrainingJobText.Parse(await File.ReadAllTextAsync(ClusterTraining.JobFile(job.Job), cancellationToken));
                await TrainingWorker.RunAsync(
                    training, store, new RemoteShardMap(ServerAddress.Parse(endpoint), channel), channel, order.Threads,
                    $"worker-{job.Index}", clock, new StepPace(training.BatchesPerEpoch * training.Training.Epochs, clock, job.Progress),
                    cancellationToken);
                job.Log("is done");
                // What comes next, or nothing, is for the schedule to say.
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (ChannelException lost)
            {
                if (endpoint != missed)
                {
                    job.Log($"has lost the coordinator at {endpoint}: {lost.Message}");
                    missed = endpoint;
                }

                await Task.Delay(Pause, clock, cancellationToken);
                endpoint = await job.EndpointAsync(cancellationToken);
            }
        }
    }

    static AnalysisFolder Kept(JobDefinition job) => new(Path.Combine(job.Folder, "analyses"));

    // What would fail on every node in the same way.
    internal static bool IsTheUsers(Exception fault) => fault is PipelineException or LabelException or Capstan.Data.UnreadableDataException
        or Capstan.Data.BadRowException or Capstan.Data.UnknownColumnException or TrainingDivergedException or CorruptArtifactException
        or VocabularyFullException or KeysFullException or UnauthorizedAccessException or IOException;

    /// <summary>A training's reports as the progress and the log of its job.</summary>
    sealed class TrainingNotices(ICoordination job, SplitServer splits) : IProgress<TrainingReport>
    {
        // There are hundreds of trees, where epochs are tens.
        const int TreesPerLine = 10;

        public List<string> Notices { get; } = [];

        public List<TrainingWarning> Warnings { get; } = [];

        public void Report(TrainingReport value)
        {
            switch (value)
            {
                // Workers' reading has a pace of its own.
                case TrainingReport.Reading reading when !splits.IsBusy:
                    job.Progress(string.Create(CultureInfo.InvariantCulture, $"{reading.Stage}: {reading.Rows:N0} rows"));
                    break;
                case TrainingReport.Learning { Progress: var learning }:
                    Tell(learning);
                    break;
                case TrainingReport.Warning { Found: var warning }:
                    Warnings.Add(warning);
                    break;
                case TrainingReport.Notice notice:
                    Notices.Add(notice.Text);
                    break;
            }
        }

        void Tell(TrainingProgress learning)
        {
            splits.Finish();
            var share = learning.RowsTotal is > 0 and var total ? 100.0 * learning.RowsDone / total : 0;
            job.Progress(string.Create(
                CultureInfo.InvariantCulture,
                $"{learning.Round} {learning.EpochNumber} of {learning.Epochs}, {share:0} %, loss {learning.Loss:G4}, {learning.RowsPerSecond:N0} rows/s"));
            if (learning.Finished is { } epoch && (learning.Round != "tree" || learning.EpochNumber % TreesPerLine == 0))
            {
                var validation = epoch.ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", validation {loss:G6}") : "";
                job.Log(string.Create(
                    CultureInfo.InvariantCulture, $"{learning.Round} {learning.EpochNumber}: training loss {epoch.TrainingLoss:G6}{validation}"));
            }
        }
    }
}
