using System.Text.Json;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Cluster;

/// <summary>
/// Work on data by a cluster: workers do split after split, and the coordinator puts together what they give in the splits' order, as a single
/// machine would. Evaluations and statistics are put together by who asked for them (<see cref="DataAnswers"/>), from the same answers.
/// </summary>
sealed class DataWork(NodeOptions options, TimeProvider clock) : IJobWork
{
    // Whoever asked takes the answers at once; should that process have been killed, nobody will.
    static readonly TimeSpan AnswersKept = TimeSpan.FromDays(1);

    public string Kind => DataOrder.Kind;

    public async Task<string> CoordinateAsync(ICoordination job, CancellationToken cancellationToken)
    {
        var order = DataOrder.Read(job.Job.Work);
        var roles = new DataRoles(order, job.Job.Folder, clock);
        using var splits = new SplitServer(job, order.Threads, MemberChannel.Of(options), clock);
        var notices = new List<string>();
        try
        {
            var rows = order.Dataset();
            var (written, read) = order switch
            {
                { Action: DataAction.Transform } => await TransformAsync(order, roles, rows, splits, notices, job, cancellationToken),
                { Action: DataAction.Predict, Out: { } path } => (await PredictAsync(path, roles, order, rows, splits, cancellationToken), rows),
                _ => (await AnswerAsync(order, rows, splits, roles, cancellationToken), rows),
            };
            if (order.Out is not null)
            {
                splits.Forget();
            }

            return JsonSerializer.Serialize(new DataOutput(written, read.BadRows, notices));
        }
        catch (Exception fault) when (IsTheUsers(fault))
        {
            throw new JobFailedException(fault.Message);
        }
    }

    public async Task WorkAsync(IWorkplace job, CancellationToken cancellationToken)
    {
        var order = DataOrder.Read(job.Job.Work);
        var worker = new SplitWorker(
            job, new DataRoles(order, job.Job.Folder, clock), MemberChannel.Of(options), options.Address, order.Threads, clock);
        await worker.RunAsync(cancellationToken);
    }

    public IReadOnlyList<string> Leftovers(JobRecord job, TimeSpan over) =>
        job.State == JobState.Succeeded && over < AnswersKept && DataOrder.Read(job.Definition.Work).Out is null
            ? ["analyses", DataRoles.TransformFiles]
            : ["analyses", DataRoles.TransformFiles, PartFolder.Name];

    /// <summary>Whoever asked takes the answers from the job's folder.</summary>
    static async Task<long> AnswerAsync(
        DataOrder order, Dataset rows, SplitServer splits, DataRoles roles, CancellationToken cancellationToken)
    {
        var (source, role) = order.Action switch
        {
            DataAction.Describe => (await rows.OpenAsync(cancellationToken), DataRoles.Raw),
            DataAction.Predict => (await roles.Model().OpenPredictionsAsync(rows, order.Keep, cancellationToken), DataRoles.Predictions),
            _ => ((IBatchSource)(await roles.Model().OpenEvaluationAsync(rows, roles.Evaluation(), cancellationToken)).Scored, DataRoles.Scored),
        };
        string[] columns = [.. source.Schema.Names];
        SplitTask task = order.Action == DataAction.Describe ? new StatisticsTask(columns) : new RowsTask(columns);
        var (pool, count) = (splits.For(role, rows), 0L);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = pool.Ahead, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(source.Splits, parallel, async (split, token) =>
        {
            using var answer = await pool.AskAsync(task, source, split, token);
            Interlocked.Add(ref count, answer.RowCount);
        });
        return count;
    }

    static async Task<long> PredictAsync(
        string path, DataRoles roles, DataOrder order, Dataset rows, SplitServer splits, CancellationToken cancellationToken)
    {
        var source = await roles.Model().OpenPredictionsAsync(rows, order.Keep, cancellationToken);
        var batches = RowsTask.ReadAllAsync(
            source, [.. source.Schema.Names], splits.For(DataRoles.Predictions, rows), null, cancellationToken);
        await using var sink = RowSinks.Create(path, source.Schema, source.Narrow);
        var written = 0L;
        await foreach (var batch in batches)
        {
            await sink.WriteAsync(batch, cancellationToken);
            written += batch.RowCount;
        }

        if (written == 0)
        {
            throw new UnreadableDataException(string.Join(", ", rows.Names), "no row is left to predict; look at the condition.");
        }

        await sink.CompleteAsync(cancellationToken);
        return written;
    }

    static async Task<(long Rows, Dataset Read)> TransformAsync(
        DataOrder order, DataRoles roles, Dataset rows, SplitServer splits, List<string> notices, ICoordination job,
        CancellationToken cancellationToken)
    {
        FrozenTransform? fitted = null;
        if (order.Pipeline is not null)
        {
            var kept = new AnalysisFolder(Path.Combine(job.Job.Folder, "analyses"));
            var read = order.Dataset();
            var training = roles.Training(splits.For(DataRoles.Fitted, read), new FittingNotices(notices), kept);
            (fitted, var types) = await training.FitAsync(read, cancellationToken);
            roles.Keep(fitted, types);
        }

        var features = roles.Features(rows, $"{fitted?.Hash}");
        var source = await features.OpenAsync(cancellationToken);
        var batches = RowsTask.ReadAllAsync(
            source, [.. source.Schema.Names], splits.For(DataRoles.FeaturesBy(fitted), features), null, cancellationToken);
        // An order of this kind has a place to write to.
        return (await features.SaveAsync(source, batches, order.Out!, order.RowsPerFile, cancellationToken), features);
    }

    // What would fail on every node in the same way.
    public static bool IsTheUsers(Exception fault) => TrainingWork.IsTheUsers(fault)
        || fault is ArgumentException or IncomparableModelsException or UnwritableFileException or ForeignModelException;

    sealed class FittingNotices(List<string> notices) : IProgress<TrainingReport>
    {
        public void Report(TrainingReport value)
        {
            if (value is TrainingReport.Notice notice)
            {
                notices.Add(notice.Text);
            }
        }
    }
}
