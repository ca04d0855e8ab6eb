using System.Text.Json;
using Capstan.Data;
using Capstan.Serving;

namespace Capstan.Cluster;

/// <summary>
/// Batch predictions by a cluster: workers answer part after part, and the coordinator writes what they give in the order of the lines, as one
/// process does.
/// </summary>
sealed class LinesWork(NodeOptions options, TimeProvider clock) : IJobWork
{
    const string Lines = "lines";
    const string Aside = "aside-";

    public string Kind => LinesOrder.Kind;

    public async Task<string> CoordinateAsync(ICoordination job, CancellationToken cancellationToken)
    {
        var order = LinesOrder.Read(job.Job.Work);
        using var splits = new SplitServer(job, 1, MemberChannel.Of(options), clock);
        try
        {
            var (source, rows) = Open(order);
            var output = await WriteAsync(job.Job.Folder, order, source, splits.For(Lines, rows), cancellationToken);
            splits.Forget();
            return JsonSerializer.Serialize(output);
        }
        catch (Exception fault) when (DataWork.IsTheUsers(fault) || fault is LinesGivenUpException)
        {
            throw new JobFailedException(fault.Message);
        }
    }

    public async Task WorkAsync(IWorkplace job, CancellationToken cancellationToken)
    {
        var roles = new Roles(LinesOrder.Read(job.Job.Work));
        await new SplitWorker(job, roles, MemberChannel.Of(options), options.Address, 1, clock).RunAsync(cancellationToken);
    }

    public IReadOnlyList<string> Leftovers(JobRecord job, TimeSpan over) => [PartFolder.Name, $"{Aside}*"];

    static async Task<LinesOutput> WriteAsync(
        string folder, LinesOrder order, LinesSource source, ISplitPool pool, CancellationToken cancellationToken)
    {
        var (asideOfResults, asideOfErrors) = (AsideIn(folder), AsideIn(folder));
        try
        {
            var (predictions, refusals) = (0L, 0L);
            await using (var results = new BufferedStream(File.Create(asideOfResults), 1 << 16))
            await using (var errors = new BufferedStream(File.Create(asideOfErrors), 1 << 16))
            {
                var (part, first) = (0, 1L);
                await foreach (var answer in new LinesTask(order.Model, order.BatchSize).AnswersAsync(source, pool, cancellationToken))
                {
                    var split = source.Splits[part++];
                    first = source.BeginsFile(split) ? 1 : first;
                    var file = Path.GetFileName(source.FileOf(split));
                    foreach (var (lines, texts, refused) in LinesTask.Read(
                        answer.Content, gone => throw new LinesGivenUpException(file, first + gone.Index, gone.Reason)))
                    {
                        await results.WriteAsync(texts, cancellationToken);
                        foreach (var (index, reason) in refused)
                        {
                            await errors.WriteAsync(LineScoring.RefusalOf(file, first + index, reason), cancellationToken);
                        }

                        first += lines;
                        (predictions, refusals) = (predictions + lines - refused.Count, refusals + refused.Count);
                    }
                }
            }

            File.Move(asideOfResults, LinesOrder.ResultsIn(folder), overwrite: true);
            File.Move(asideOfErrors, LinesOrder.ErrorsIn(folder), overwrite: true);
            return new LinesOutput(predictions, refusals);
        }
        finally
        {
            File.Delete(asideOfResults);
            File.Delete(asideOfErrors);
        }
    }

    static string AsideIn(string folder) => Path.Combine(folder, $"{Aside}{Guid.NewGuid():N}");

    static (LinesSource Source, Dataset Rows) Open(LinesOrder order)
    {
        var source = new LinesSource(order.Files, order.PartBytes);
        return (source, Dataset.From(source, string.Join(", ", order.Files)));
    }

    sealed class Roles(LinesOrder order) : ISplitRoles
    {
        public Task<(IBatchSource Source, Dataset Rows)> OpenAsync(string role, string? seenBy, CancellationToken cancellationToken) =>
            Task.FromResult<(IBatchSource, Dataset)>(Open(order));
    }
}
