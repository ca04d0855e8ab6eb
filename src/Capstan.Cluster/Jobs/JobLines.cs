using System.Threading.Channels;

namespace Capstan.Cluster;

/// <summary>The lines of one member on their way to the database, in order; whoever writes one does not wait for it.</summary>
sealed class JobLines : IAsyncDisposable
{
    readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    readonly Task _pump;

    public JobLines(JobStore jobs, string job, string member) => _pump = PumpAsync(jobs, job, member);

    public void Write(string line) => _lines.Writer.TryWrite(line);

    async Task PumpAsync(JobStore jobs, string job, string member)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            try
            {
                await jobs.AddLineAsync(job, member, line, CancellationToken.None);
            }
            catch (System.Data.Common.DbException)
            {
                // A line lost is better than a job lost: the database may be away for a while.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.Complete();
        await _pump;
    }
}
