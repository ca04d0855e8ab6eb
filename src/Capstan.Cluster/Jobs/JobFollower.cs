namespace Capstan.Cluster;

/// <summary>
/// Watches a job from outside the cluster, through its database alone. Where no node schedules, it gets a first one from the job's
/// pool, which then gets the others; so the death of all nodes at once is mended as long as somebody watches.
/// </summary>
/// <param name="options">As nodes of the cluster have them: its database, token, and how nodes are started.</param>
public sealed class JobFollower(NodeOptions options, TimeProvider clock)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    // A cluster that lives schedules twice a second.
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    // A machine that is on its way is given so long before another is asked for.
    static readonly TimeSpan Arrival = TimeSpan.FromSeconds(60);

    readonly JobStore _jobs = new(options.Database, options.Cluster, clock);
    readonly NodeLeasing _leasing = new(options, clock);
    long _beat = -1;
    long _heard;
    long _seeded;

    /// <summary>Watches until the job is over.</summary>
    /// <param name="told">Gets every line of the job's log, in order.</param>
    /// <param name="stands">Gets the job, and what its workers say of themselves, each time that either is otherwise than before.</param>
    /// <exception cref="PoolException">There is no node, and the pool gives none.</exception>
    public async Task<JobRecord> FollowAsync(
        string job, Action<JobLine> told, Action<JobRecord, IReadOnlyList<JobMemberProgress>> stands, CancellationToken cancellationToken)
    {
        _heard = clock.GetTimestamp();
        JobRecord? last = null;
        var (line, members) = (0L, new List<JobMemberProgress>());
        while (true)
        {
            var record = await _jobs.FindAsync(job, cancellationToken)
                ?? throw new ArgumentException($"The cluster '{options.Cluster}' has no job '{job}'.", nameof(job));
            foreach (var each in await _jobs.LinesAsync(job, line, cancellationToken))
            {
                told(each);
                line = each.Number;
            }

            var said = await _jobs.MembersAsync(job, cancellationToken);
            if (record != last || !said.SequenceEqual(members))
            {
                stands(record, said);
                (last, members) = (record, said);
            }

            if (record.IsOver)
            {
                return record;
            }

            await SeedAsync(record.Definition, cancellationToken);
            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    /// <summary>Sees to it that some node schedules, and no more.</summary>
    /// <exception cref="PoolException">There is no node, and the pool gives none.</exception>
    public async Task SeedAsync(string job, CancellationToken cancellationToken)
    {
        _heard = clock.GetTimestamp();
        var first = await _jobs.HeartbeatAsync(cancellationToken);
        while (await _jobs.FindAsync(job, cancellationToken) is { IsOver: false } record && _seeded == 0
            && await _jobs.HeartbeatAsync(cancellationToken) == first)
        {
            await SeedAsync(record.Definition, cancellationToken);
            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    async Task SeedAsync(JobDefinition job, CancellationToken cancellationToken)
    {
        var beat = await _jobs.HeartbeatAsync(cancellationToken);
        if (beat != _beat)
        {
            // The first look tells only where the count stands.
            _heard = _beat < 0 ? _heard - (long)(Silence.TotalSeconds / 2 * clock.TimestampFrequency) : clock.GetTimestamp();
            _beat = beat;
            return;
        }

        if (clock.GetElapsedTime(_heard) < Silence || job.Pool is null || (_seeded != 0 && clock.GetElapsedTime(_seeded) < Arrival))
        {
            return;
        }

        _seeded = clock.GetTimestamp();
        if (!await _leasing.TrySeedAsync(job, cancellationToken))
        {
            throw new PoolException(job.Pool, "is full, and the cluster has no node.");
        }
    }
}
