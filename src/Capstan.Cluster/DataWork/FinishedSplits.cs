using Capstan.Data;

namespace Capstan.Cluster;

/// <summary>The answers about some rows that are all in a job's folder, for whoever puts them together.</summary>
sealed class FinishedSplits(PartFolder parts, string role, Dataset rows) : ISplitPool
{
    public int Ahead => 2;

    /// <summary>What is not there is read here instead.</summary>
    public bool OrHere { get; init; }

    /// <exception cref="JobFailedException">There is no such answer, or none any more.</exception>
    public async Task<SplitAnswer> AskAsync(SplitTask task, IBatchSource source, Split split, CancellationToken cancellationToken)
    {
        if (parts.Find(new SplitWork(role, source.Fingerprint, task).Key, split.Index) is not var (answer, leftOut))
        {
            if (OrHere)
            {
                var own = new MemoryStream();
                var count = await task.RunAsync(source, split, own, cancellationToken);
                own.Position = 0;
                return new SplitAnswer(own, count);
            }

            throw new JobFailedException(
                $"the cluster's answer about {split.Name} is not there: the data has changed since it was read, or somebody has removed the job's folder; run it again");
        }

        rows.Include(split, leftOut);
        return answer;
    }
}
