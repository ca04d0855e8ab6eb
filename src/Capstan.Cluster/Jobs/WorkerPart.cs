namespace Capstan.Cluster;

/// <summary>A worker of a job on this node.</summary>
sealed class WorkerPart(JobStore jobs, TimeProvider clock, JobDefinition job, int index) : IWorkplace, IAsyncDisposable
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    readonly JobLines _lines = new(jobs, job.Id, $"worker-{index}");

    public JobDefinition Job => job;

    public int Index => index;

    public Task RunAsync(IJobWork work, CancellationToken cancellationToken) => work.WorkAsync(this, cancellationToken);

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

    public void Log(string line) => _lines.Write(line);

    public ValueTask DisposeAsync() => _lines.DisposeAsync();
}
