using System.CommandLine;
using System.Text.Json;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary>What commands on data do with <c>--workers</c>: a job on a cluster, waited for.</summary>
sealed class DataOnCluster(DataWorkersOptions workers, int count, ParseResult line, CommandSession session)
{
    /// <summary>Does what writes a file or a table.</summary>
    /// <returns>Null: the job was submitted, and nobody waits.</returns>
    /// <exception cref="JobFailedException">The job failed, or somebody else cancelled it.</exception>
    public async Task<DataOutput?> WriteAsync(DataOrder order, CancellationToken cancellationToken)
    {
        if (await SubmitAsync(order, cancellationToken) is not { } over)
        {
            return null;
        }

        var output = JsonSerializer.Deserialize<DataOutput>(over.Result)!; // a job of this kind has written it
        Reading.Report(session, output.LeftOut);
        foreach (var notice in output.Notices)
        {
            session.Remark($"Note: {notice}.");
        }

        return output;
    }

    /// <summary>Does what is answered to this process.</summary>
    /// <param name="use">Puts the answers together; they are gone afterwards.</param>
    /// <exception cref="UsageException">Nobody would wait for the answers.</exception>
    /// <exception cref="JobFailedException">The job failed, or somebody else cancelled it.</exception>
    public async Task<TResult> AskAsync<TResult>(DataOrder order, Func<DataAnswers, Task<TResult>> use, CancellationToken cancellationToken)
    {
        if (workers.Job.IsDetached(line))
        {
            throw new UsageException("--detach leaves nobody to tell the result to; leave it out.");
        }

        var over = await SubmitAsync(order, cancellationToken);
        var answers = new DataAnswers(order, over!.Definition, session.Terminal.Time); // not detached, it was waited for
        try
        {
            var result = await use(answers);
            Reading.Report(session, answers.Rows.BadRows);
            return result;
        }
        finally
        {
            answers.Remove();
        }
    }

    Task<JobRecord?> SubmitAsync(DataOrder order, CancellationToken cancellationToken) => new SubmittedJob(workers.Job, line, session).RunAsync(
        order.Action.ToString().ToLowerInvariant(), DataOrder.Kind, order.Write(), (count, 0), cancellationToken);
}
