using System.CommandLine;
using System.Net;
using Capstan.Cluster;

namespace Capstan.Cli;

/// <summary><c>capstan cluster</c>: the jobs of a cluster, one of them with its log, or its end.</summary>
sealed class ClusterCommand : CapstanCommand
{
    readonly Argument<string?> _job = new("JOB")
    {
        Description = "One job, with its log; all jobs without it.", Arity = ArgumentArity.ZeroOrOne,
    };

    readonly Option<bool> _follow = new("--follow", "-f") { Description = "Wait for the job, and show its log as it grows." };
    readonly Option<bool> _cancel = new("--cancel") { Description = "End the job." };
    readonly ClusterOptions _cluster = new();

    public ClusterCommand()
        : base(
            "cluster", "Show the jobs of a cluster, follow one, or cancel it.",
            new Example("capstan cluster", "all jobs of this folder's cluster, the latest first"),
            new Example("capstan cluster trips-20260102-030405-77 --follow", "its log as it grows, to its end"),
            new Example("capstan cluster trips-20260102-030405-77 --cancel", "end it"))
    {
        Arguments.Add(_job);
        Options.Add(_follow);
        Options.Add(_cancel);
        _cluster.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, CommandSession session, CancellationToken cancellationToken)
    {
        var cluster = await _cluster.OptionsAsync(line, IPAddress.Loopback, cancellationToken);
        var jobs = new JobStore(cluster.Database, cluster.Cluster, session.Terminal.Time);
        var pulse = new ClusterPulse(cluster, session.Terminal.Time);
        if (line.GetValue(_job) is not { } id)
        {
            var all = await jobs.AllAsync(cancellationToken);
            Write(session, all, null, all.All(job => job.IsOver) || await pulse.IsAliveAsync(cancellationToken));
            return ExitCodes.Ok;
        }

        if (await jobs.FindAsync(id, cancellationToken) is null)
        {
            throw new UsageException($"there is no job '{id}'; 'capstan cluster' lists those that there are.");
        }

        if (line.GetValue(_cancel))
        {
            session.Remark(await CancelAsync(jobs, pulse, id, cancellationToken));
            return ExitCodes.Ok;
        }

        var job = line.GetValue(_follow)
            ? await new JobFollower(cluster, session.Terminal.Time).FollowAsync(id, each => Write(session, each), (_, _) => { }, cancellationToken)
            : await ShowAsync(jobs, id, session, cancellationToken);
        var isAttended = job.IsOver || await pulse.IsAliveAsync(cancellationToken);
        Write(session, [job], await jobs.MembersAsync(id, cancellationToken), isAttended);
        return job.State is JobState.Failed or JobState.Cancelled ? ExitCodes.Failure : ExitCodes.Ok;
    }

    static async Task<string> CancelAsync(JobStore jobs, ClusterPulse pulse, string id, CancellationToken cancellationToken) =>
        !await jobs.CancelAsync(id, cancellationToken) ? $"{id} is over."
        : await pulse.IsAliveAsync(cancellationToken) ? $"{id} is being cancelled."
        // A node that has come meanwhile has ended it, or does.
        : await jobs.EndUnattendedAsync(id, cancellationToken) ? $"{id} is cancelled; no node was alive."
        : $"{id} is over.";

    static async Task<JobRecord> ShowAsync(JobStore jobs, string id, CommandSession session, CancellationToken cancellationToken)
    {
        for (var lines = await jobs.LinesAsync(id, 0, cancellationToken); lines.Count > 0;
            lines = await jobs.LinesAsync(id, lines[^1].Number, cancellationToken))
        {
            lines.ForEach(each => Write(session, each));
        }

        return (await jobs.FindAsync(id, cancellationToken))!; // it was there, and jobs stay
    }

    static void Write(CommandSession session, JobLine line)
    {
        if (!session.Json)
        {
            session.Terminal.Output.WriteLine($"{line.Member.PadRight(11)} | {line.Text}");
        }
    }

    /// <param name="workers">Of the one job, where it is one; null for a list.</param>
    /// <param name="isAttended">Whether a node is alive, and so somebody works for those that are not over.</param>
    static void Write(CommandSession session, IReadOnlyList<JobRecord> jobs, IReadOnlyList<JobMemberProgress>? workers, bool isAttended)
    {
        if (!session.Json)
        {
            foreach (var job in jobs)
            {
                var detail = !job.IsOver && !isAttended ? Unattended(job)
                    : job.State == JobState.Running && job.Progress.Length > 0 ? job.Progress
                    : job.Reason;
                session.Terminal.Output.WriteLine($"{job.Definition.Id}  {Word(job.State)}  {detail}");
            }

            foreach (var worker in workers ?? [])
            {
                session.Terminal.Output.WriteLine($"  {worker.Member.PadRight(11)} {worker.Text}");
            }

            return;
        }

        session.WriteJson(json =>
        {
            json.WriteStartArray("jobs");
            foreach (var job in jobs)
            {
                json.WriteStartObject();
                json.WriteString("job", job.Definition.Id);
                json.WriteString("kind", job.Definition.Kind);
                json.WriteString("state", Word(job.State));
                json.WriteString("reason", job.Reason);
                json.WriteString("progress", job.Progress);
                json.WriteNumber("workers", job.Definition.Workers);
                json.WriteNumber("parameterServers", job.Definition.ParameterServers);
                json.WriteNumber("priority", job.Definition.Priority);
                json.WriteString("coordinator", job.Coordinator);
                json.WriteNumber("epoch", job.Epoch);
                json.WriteString("created", job.Created);
                json.WriteBoolean("attended", !job.IsOver && isAttended);
                if (workers is not null)
                {
                    Write(json, workers);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    static void Write(System.Text.Json.Utf8JsonWriter json, IReadOnlyList<JobMemberProgress> workers)
    {
        json.WriteStartArray("members");
        foreach (var worker in workers)
        {
            json.WriteStartObject();
            json.WriteString("member", worker.Member);
            json.WriteString("progress", worker.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static string Unattended(JobRecord job) =>
        "no node is alive, so that nobody works for it; start one with 'capstan node'" +
        (job.Definition.Pool is null ? "." : $", or wait for it, which gets one: 'capstan cluster {job.Definition.Id} --follow'.");

    static string Word(JobState state) => state.ToString().ToLowerInvariant();
}
