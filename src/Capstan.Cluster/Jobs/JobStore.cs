using System.Data.Common;
using System.Text.Json;

namespace Capstan.Cluster;

/// <summary>
/// The jobs of a cluster, in its database: they outlive whoever submitted them and every node. Each change names the epoch that its writer
/// believes in, and is not made under another.
/// </summary>
public sealed class JobStore(ClusterDatabase database, string cluster, TimeProvider clock)
{
    const string Columns =
        "definition, state, epoch, cancel, coordinator, endpoint, reason, progress, result, created, started, ended";

    /// <summary>Submits a job.</summary>
    /// <returns>False: there is one of its name.</returns>
    public async Task<bool> TryAddAsync(JobDefinition job, CancellationToken cancellationToken) => await RunAsync(
        """
        INSERT INTO capstan_jobs
            (cluster, job, created, priority, definition, state, epoch, cancel, coordinator, endpoint, reason, progress, result, started, ended)
        VALUES (@cluster, @job, @now, @priority, @definition, 0, 0, 0, '', '', 'submitted', '', '', 0, 0)
        ON CONFLICT (cluster, job) DO NOTHING
        """,
        cancellationToken, ("job", job.Id), ("priority", job.Priority), ("definition", JsonSerializer.Serialize(job)), Now()) > 0;

    /// <summary>Null: there is none of that name.</summary>
    public async Task<JobRecord?> FindAsync(string job, CancellationToken cancellationToken) =>
        (await ReadAsync($"SELECT {Columns} FROM capstan_jobs WHERE cluster = @cluster AND job = @job", Record, cancellationToken, ("job", job)))
        .SingleOrDefault();

    /// <summary>Those that are not over, in the order in which they get machines.</summary>
    public Task<List<JobRecord>> WaitingAndRunningAsync(CancellationToken cancellationToken) => ReadAsync(
        $"""
        SELECT {Columns} FROM capstan_jobs WHERE cluster = @cluster AND state IN (0, 1) ORDER BY priority DESC, created, job
        """,
        Record, cancellationToken);

    /// <summary>The latest first.</summary>
    public Task<List<JobRecord>> AllAsync(CancellationToken cancellationToken) => ReadAsync(
        $"SELECT {Columns} FROM capstan_jobs WHERE cluster = @cluster ORDER BY created DESC, job", Record, cancellationToken);

    /// <summary>Those that ended at a time or later.</summary>
    internal Task<List<JobRecord>> OverAsync(DateTimeOffset since, CancellationToken cancellationToken) => ReadAsync(
        $"SELECT {Columns} FROM capstan_jobs WHERE cluster = @cluster AND state IN (2, 3, 4) AND ended >= @since ORDER BY created",
        Record, cancellationToken, ("since", since.UtcTicks));

    /// <summary>Asks a job to end.</summary>
    /// <returns>False: it is over, or never was.</returns>
    public async Task<bool> CancelAsync(string job, CancellationToken cancellationToken) => await RunAsync(
        "UPDATE capstan_jobs SET cancel = 1 WHERE cluster = @cluster AND job = @job AND state IN (0, 1)", cancellationToken, ("job", job)) > 0;

    /// <summary>
    /// Ends a job that shall end, where no node is alive to do it. Should one be, and only have been silent, nothing goes wrong: its coordinator finds
    /// that its epoch is over and says nothing more, as one that was followed by another.
    /// </summary>
    /// <returns>False: nobody asked the job to end, or it is over.</returns>
    public async Task<bool> EndUnattendedAsync(string job, CancellationToken cancellationToken) => await RunAsync(
        """
        UPDATE capstan_jobs SET state = @state, epoch = epoch + 1, endpoint = '', reason = @reason, ended = @now
        WHERE cluster = @cluster AND job = @job AND cancel = 1 AND state IN (0, 1)
        """,
        cancellationToken, ("job", job), ("state", (int)JobState.Cancelled), ("reason", "cancelled while no node was alive"), Now()) > 0;

    /// <summary>The lines of a job after one of them, at most 1,000.</summary>
    /// <param name="after">0 for the first.</param>
    public Task<List<JobLine>> LinesAsync(string job, long after, CancellationToken cancellationToken) => ReadAsync(
        """
        SELECT line, member, text FROM capstan_job_lines WHERE cluster = @cluster AND job = @job AND line > @after ORDER BY line LIMIT 1000
        """,
        row => new JobLine(row.GetInt64(0), row.GetString(1), row.GetString(2)), cancellationToken, ("job", job), ("after", after));

    /// <summary>What each worker of a job last said of itself, by name.</summary>
    public Task<List<JobMemberProgress>> MembersAsync(string job, CancellationToken cancellationToken) => ReadAsync(
        "SELECT member, text FROM capstan_job_members WHERE cluster = @cluster AND job = @job ORDER BY LENGTH(member), member",
        row => new JobMemberProgress(row.GetString(0), row.GetString(1)), cancellationToken, ("job", job));

    internal Task TellMemberAsync(string job, string member, string text, CancellationToken cancellationToken) => RunAsync(
        """
        INSERT INTO capstan_job_members (cluster, job, member, text) VALUES (@cluster, @job, @member, @text)
        ON CONFLICT (cluster, job, member) DO UPDATE SET text = @text
        """,
        cancellationToken, ("job", job), ("member", member), ("text", text));

    /// <summary>The scheduler lives: whoever waits for a job sees the number grow.</summary>
    internal Task BeatAsync(CancellationToken cancellationToken) => RunAsync(
        "UPDATE capstan_cluster SET beat = beat + 1 WHERE cluster = @cluster", cancellationToken);

    internal async Task<long> HeartbeatAsync(CancellationToken cancellationToken) =>
        (await ReadAsync("SELECT beat FROM capstan_cluster WHERE cluster = @cluster", row => row.GetInt64(0), cancellationToken))
        .FirstOrDefault();

    internal Task AddLineAsync(string job, string member, string text, CancellationToken cancellationToken) => RunAsync(
        "INSERT INTO capstan_job_lines (cluster, job, member, text) VALUES (@cluster, @job, @member, @text)",
        cancellationToken, ("job", job), ("member", member), ("text", text));

    /// <summary>Makes a node the coordinator of a job, under a new epoch.</summary>
    /// <returns>False: somebody else did, or the job is over.</returns>
    internal async Task<bool> TryAppointAsync(JobRecord job, string node, string reason, CancellationToken cancellationToken) => await RunAsync(
        """
        UPDATE capstan_jobs SET state = 1, epoch = @epoch + 1, coordinator = @node, endpoint = '', reason = @reason,
            started = CASE WHEN started = 0 THEN @now ELSE started END
        WHERE cluster = @cluster AND job = @job AND epoch = @epoch AND state IN (0, 1)
        """,
        cancellationToken, ("job", job.Definition.Id), ("epoch", job.Epoch), ("node", node), ("reason", reason), Now()) > 0;

    /// <summary>Says why a job still waits.</summary>
    internal Task ExplainAsync(string job, string reason, CancellationToken cancellationToken) => RunAsync(
        "UPDATE capstan_jobs SET reason = @reason WHERE cluster = @cluster AND job = @job AND state = 0 AND reason <> @reason",
        cancellationToken, ("job", job), ("reason", reason));

    /// <summary>What the coordinator has to say.</summary>
    /// <returns>False: it is the coordinator no more.</returns>
    internal async Task<bool> TryTellAsync(string job, long epoch, string endpoint, string progress, CancellationToken cancellationToken) =>
        await RunAsync(
            """
            UPDATE capstan_jobs SET endpoint = @endpoint, progress = @progress
            WHERE cluster = @cluster AND job = @job AND epoch = @epoch AND state = 1
            """,
            cancellationToken, ("job", job), ("epoch", epoch), ("endpoint", endpoint), ("progress", progress)) > 0;

    /// <summary>Ends a job.</summary>
    /// <returns>False: under another epoch, or it is over.</returns>
    internal async Task<bool> TryEndAsync(
        string job, long epoch, JobState state, string reason, string result, CancellationToken cancellationToken) => await RunAsync(
        """
        UPDATE capstan_jobs SET state = @state, reason = @reason, result = @result, ended = @now
        WHERE cluster = @cluster AND job = @job AND epoch = @epoch AND state IN (0, 1)
        """,
        cancellationToken, ("job", job), ("epoch", epoch), ("state", (int)state), ("reason", reason), ("result", result), Now()) > 0;

    (string, object) Now() => ("now", clock.GetUtcNow().UtcTicks);

    static JobRecord Record(DbDataReader row) => new(
        JsonSerializer.Deserialize<JobDefinition>(row.GetString(0)) ?? throw new JsonException("A job's definition is null."),
        (JobState)row.GetInt32(1), row.GetInt64(2), row.GetInt32(3) != 0, row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.GetString(8), new DateTimeOffset(row.GetInt64(9), TimeSpan.Zero), Time(row.GetInt64(10)), Time(row.GetInt64(11)));

    static DateTimeOffset? Time(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    async Task<int> RunAsync(string sql, CancellationToken cancellationToken, params (string, object)[] values)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.RunAsync(sql, [("cluster", cluster), .. values], cancellationToken);
    }

    async Task<List<T>> ReadAsync<T>(
        string sql, Func<DbDataReader, T> row, CancellationToken cancellationToken, params (string, object)[] values)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ReadAsync(sql, [("cluster", cluster), .. values], row, cancellationToken);
    }
}
