namespace Capstan.Cluster;

/// <summary>A worker of a job on this node.</summary>
sealed class WorkerPart(JobStore jobs, TimeProvider clock, JobDefinition job, int index) : IWorkplace, IAsyncDisposable
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // More often than a person reads.
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    readonly string _name = $"worker-{index}";
    readonly JobLines _lines = new(jobs, job.Id, $"worker-{index}");
    volatile string _progress = "";

    public JobDefinition Job => job;

    public int Index => index;

    public async Task RunAsync(IJobWork work, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var telling = TellAsync(over.Token);
        try
        {
            await work.WorkAsync(this, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await telling;
        }
    }

    public async Task<string> EndpointAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await jobs.FindAsync(job.Id, cancellationToken) is { Endpoint: { Length: > 0 } endpoint })
            {
                return endpoint;
            }

            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    public void Progress(string text) => _progress = text;

    public void Log(string line) => _lines.Write(line);

    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    async Task TellAsync(CancellationToken over)
    {
        var told = "";
        while (!over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Beat, clock, over);
                if (_progress is var text && text != told)
                {
                    await jobs.TellMemberAsync(job.Id, _name, text, over);
                    told = text;
                }
            }
            catch (System.Data.Common.DbException)
            {
                // The database is away; the next beat says it again.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
