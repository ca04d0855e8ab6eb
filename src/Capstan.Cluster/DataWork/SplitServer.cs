using Capstan.Data;
using Capstan.Parameters;

namespace Capstan.Cluster;

/// <summary>
/// The coordinator's side of work on splits: gives them out to the job's workers, and answers from the job's folder, where what is done stays
/// done whoever coordinates next.
/// </summary>
/// <param name="threads">Of each worker.</param>
sealed class SplitServer(ICoordination job, int threads, ChannelOptions channel, TimeProvider clock) : IDisposable
{
    /// <summary>What a coordinator publishes before its address while there are splits to do.</summary>
    public const string EndpointMark = "data ";

    // A file can be damaged once; more often, the disk is.
    const int Tries = 3;

    // For each thread one that it is at, and one that waits.
    const int AheadPerThread = 2;

    readonly SplitLeases _leases = new(clock);
    readonly PartFolder _parts = new(job.Job.Folder);
    readonly Lock _gate = new();
    readonly Dictionary<string, SplitPace> _paces = [];
    ChannelListener? _listener;
    volatile bool _isOver;

    /// <summary>Whether workers have something to do now.</summary>
    public bool IsBusy => _leases.IsBusy;

    /// <summary>Has rows read by the workers.</summary>
    /// <param name="role">Which rows, as workers know them.</param>
    /// <param name="rows">Told what is left out of them.</param>
    public ISplitPool For(string role, Dataset rows) => new Pool(this, role, rows);

    /// <summary>There is nothing more to do for the workers.</summary>
    public void Finish() => _isOver = true;

    /// <summary>Removes all answers: what was to be made of them is made.</summary>
    public void Forget()
    {
        Finish();
        _parts.Remove();
    }

    public void Dispose() => _listener?.Dispose();

    sealed class Pool(SplitServer server, string role, Dataset rows) : ISplitPool
    {
        public int Ahead => Math.Max(2, AheadPerThread * server.Readers);

        public async Task<SplitAnswer> AskAsync(SplitTask task, IBatchSource source, Split split, CancellationToken cancellationToken)
        {
            var work = new SplitWork(role, source.Fingerprint, task);
            var (answer, leftOut) = await server.AskAsync(work, source, split, rows.Snapshot, cancellationToken);
            rows.Include(split, leftOut);
            return answer;
        }
    }

    int Readers => job.Job.Workers * threads;

    async Task<(SplitAnswer Answer, Capstan.Data.DuckDb.BadRowReport LeftOut)> AskAsync(
        SplitWork work, IBatchSource source, Split split, string? seenBy, CancellationToken cancellationToken)
    {
        var key = work.Key;
        for (var tries = 0; tries < Tries; tries++)
        {
            if (_parts.Find(key, split.Index) is { } found)
            {
                Count(key, work, source, found.Answer.RowCount);
                return found;
            }

            _parts.Describe(key, work);
            Listen();
            await _leases.WantAsync(key, split.Index, seenBy, cancellationToken);
        }

        throw new JobFailedException(
            $"what was written about {split.Name} was damaged {Tries} times in {job.Job.Folder}; look at that disk, and run the job again");
    }

    void Count(string key, SplitWork work, IBatchSource source, long rows)
    {
        lock (_gate)
        {
            if (!_paces.TryGetValue(key, out var pace))
            {
                _paces[key] = pace = new SplitPace(work.Task.Kind, source.Splits.Count, clock);
            }

            job.Progress(pace.Add(rows));
        }
    }

    /// <summary>Workers are told where to ask only when there is something to ask for.</summary>
    void Listen()
    {
        lock (_gate)
        {
            if (_listener is null)
            {
                _listener = ChannelListener.Start(channel, job.Address, 0, null, Serve);
                job.Publish($"{EndpointMark}{_listener.Address}");
            }
        }
    }

    void Serve(Channel connection)
    {
        // Each connection is one worker's thread; names of workers would be the same for both of a node that was taken for dead.
        var member = $"{Guid.NewGuid():N}";
        try
        {
            while (true)
            {
                var request = connection.Receive();
                switch (request.Operation)
                {
                    case Operation.TakeSplit:
                        Give(connection, member);
                        break;
                    case Operation.AnswerSplit when request.Status == FrameStatus.Ok:
                        _leases.Complete(request.Number);
                        connection.Send(Operation.Reply, FrameStatus.Ok, 0, 0, request.Number);
                        break;
                    case Operation.AnswerSplit:
                        _leases.Fail(request.Number, connection.In.ReadText());
                        connection.Send(Operation.Reply, FrameStatus.Ok, 0, 0, request.Number);
                        break;
                    case var other:
                        throw new FrameException($"operation {(int)other} is none of a split server's");
                }
            }
        }
        finally
        {
            _leases.Leave(member);
        }
    }

    void Give(Channel connection, string member)
    {
        if (_leases.Take(member) is { } lease)
        {
            connection.Out.WriteText(lease.Work);
            connection.Out.WriteText(lease.SeenBy ?? "");
            connection.Send(Operation.Reply, FrameStatus.Ok, lease.Split, 0, lease.Number);
        }
        else
        {
            connection.Send(Operation.Reply, _isOver ? FrameStatus.Finished : FrameStatus.NotYet, 0, 0, 0);
        }
    }
}
