using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Capstan.Data;
using Capstan.Parameters;

namespace Capstan.Cluster;

/// <summary>Opens the rows that works are about, as a job's kind understands it.</summary>
interface ISplitRoles
{
    /// <param name="role">As the coordinator named it.</param>
    /// <param name="seenBy">The coordinator's snapshot of a database; null of files.</param>
    /// <returns>The rows, and the data set that tells what reading them leaves out.</returns>
    Task<(IBatchSource Source, Dataset Rows)> OpenAsync(string role, string? seenBy, CancellationToken cancellationToken);
}

/// <summary>A worker's side of work on splits: takes one after the other, as long as its coordinator has some.</summary>
sealed class SplitWorker(
    IWorkplace job, ISplitRoles roles, ChannelOptions channel, IPAddress address, int threads, TimeProvider clock)
{
    // Between two looks for something to do.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Between two tries to reach a coordinator.
    static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(300);

    readonly PartFolder _parts = new(job.Job.Folder);
    readonly ConcurrentDictionary<(string Key, string? SeenBy), Lazy<Task<Opened>>> _works = [];
    long _splits;

    /// <summary>The snapshot of a database that the coordinator saw last; null of files.</summary>
    public string? SeenBy { get; private set; }

    sealed record Opened(SplitWork Work, IBatchSource Source, Dataset Rows);

    /// <summary>Works while the coordinator, and whoever comes after it, has splits to do.</summary>
    /// <returns>What a coordinator publishes that has none.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WorkAsync(cancellationToken);
        }
        finally
        {
            foreach (var opened in _works.Values.Where(each => each is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }))
            {
                ((await opened.Value).Work.Task as IDisposable)?.Dispose();
            }
        }
    }

    async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        string? finished = null;
        while (true)
        {
            var endpoint = await job.EndpointAsync(cancellationToken);
            if (!endpoint.StartsWith(SplitServer.EndpointMark, StringComparison.Ordinal))
            {
                return endpoint;
            }

            if (endpoint == finished)
            {
                await Task.Delay(Retry, clock, cancellationToken);
                continue;
            }

            try
            {
                var server = ServerAddress.Parse(endpoint[SplitServer.EndpointMark.Length..]);
                await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(() => ServeAsync(server, cancellationToken), cancellationToken)));
                finished = endpoint;
                job.Log(string.Create(CultureInfo.InvariantCulture, $"has done {_splits:N0} parts"));
            }
            catch (ChannelException)
            {
                // The coordinator is gone; the next one publishes where it is.
                await Task.Delay(Retry, clock, cancellationToken);
            }
        }
    }

    async Task ServeAsync(ServerAddress server, CancellationToken cancellationToken)
    {
        using var connection = Channel.Connect(server, channel);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            connection.Send(Operation.TakeSplit, FrameStatus.Ok, 0, 0, 0);
            var reply = connection.Receive();
            if (reply.Status == FrameStatus.Finished)
            {
                return;
            }

            if (reply.Status != FrameStatus.Ok)
            {
                await Task.Delay(Pause, clock, cancellationToken);
                continue;
            }

            var key = connection.In.ReadText();
            SeenBy = connection.In.ReadText() is { Length: > 0 } seenBy ? seenBy : null;
            var problem = await DoAsync(key, SeenBy, reply.Shard, cancellationToken);
            connection.Out.WriteText(problem ?? "");
            connection.Send(Operation.AnswerSplit, problem is null ? FrameStatus.Ok : FrameStatus.Failed, 0, 0, reply.Number);
            connection.Receive();
        }
    }

    /// <returns>Why it can't be done; null where it is.</returns>
    async Task<string?> DoAsync(string key, string? seenBy, int splitIndex, CancellationToken cancellationToken)
    {
        using var activity = ClusterMetrics.Activities.StartActivity("data part");
        activity?.SetTag("job", job.Job.Id).SetTag("part", splitIndex);
        try
        {
            var (work, source, rows) = await _works.GetOrAdd((key, seenBy), each => new(() => OpenAsync(each.Key, each.SeenBy, cancellationToken))).Value;
            var split = source.Splits[splitIndex];
            activity?.SetTag("kind", work.Task.Kind).SetTag("split", split.Name);
            if (_parts.Find(key, splitIndex) is var (done, _))
            {
                // By a coordinator before this one, or by somebody who was late.
                done.Dispose();
                return null;
            }

            await _parts.AnswerAsync(key, work, source, split, () => rows.BadRowsIn(split), cancellationToken);
            job.Progress(string.Create(CultureInfo.InvariantCulture, $"{work.Task.Kind}: {Interlocked.Increment(ref _splits):N0} parts done"));
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception fault) // the edge of a request: the coordinator is told
        {
            if (!DataWork.IsTheUsers(fault))
            {
                job.Log(fault.ToString());
            }

            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, fault.Message);
            return $"worker-{job.Index} at {address}: {fault.Message}";
        }
    }

    async Task<Opened> OpenAsync(string key, string? seenBy, CancellationToken cancellationToken)
    {
        var work = _parts.Described(key);
        var (source, rows) = await roles.OpenAsync(work.Role, seenBy, cancellationToken);
        return source.Fingerprint == work.Fingerprint
            ? new Opened(work, source, rows)
            : throw new UnreadableDataException(
                string.Join(", ", rows.Names), "it is not what the coordinator found under that name: another content, size or date. " +
                "All nodes must see the same data, as on a shared file system.");
    }
}
