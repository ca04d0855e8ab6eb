using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Capstan.Cluster;
using Capstan.Service;

namespace Capstan.Cli;

/// <summary>
/// The machines of a job that asks for several: a pipeline is trained by workers and parameter servers of a cluster of the job's
/// own, a trainer package runs as members that find each other in TF_CONFIG. The job's process stays where the server is, and
/// whatever it started ends with it, or goes on with it when the server comes back.
/// </summary>
/// <param name="database">Where the cluster keeps its records; null: a file in the job's folder, which machines of a pool beyond
/// this one can't reach.</param>
/// <param name="foreign">What imported models may take on the machines.</param>
sealed class JobMachines(IMachinePool pool, IPAddress address, string? database, ForeignLimits foreign, string folder)
{
    const string PoolWord = "--pool";
    const string AddressWord = "--address";

    // As lines of a cluster's jobs have it.
    const string Coordinator = "coordinator";

    /// <summary>What a server adds to the command line of its jobs' processes.</summary>
    public static IReadOnlyList<string> Words(IMachinePool pool, IPAddress address) =>
        [PoolWord, pool.Name, AddressWord, $"{address}"];

    /// <returns>Null: the server has no pool.</returns>
    public static JobMachines? Parse(string[] words, ForeignLimits foreign, string folder)
    {
        // What is secret comes by the environment, and goes before anything else is started.
        var database = Environment.GetEnvironmentVariable(NodeOptions.DatabaseVariable);
        Environment.SetEnvironmentVariable(NodeOptions.DatabaseVariable, null);
        return words is [PoolWord, var pool, AddressWord, var address]
            ? new JobMachines(MachinePools.Parse(pool, ClusterPlace.Leases), IPAddress.Parse(address), database, foreign, folder)
            : null;
    }

    /// <summary>Trains on a cluster, or finds the training of an earlier attempt and follows it.</summary>
    public async Task TrainAsync(
        JobOrder.TrainPipeline order, JobMembers members, string target, IJobLog log, CancellationToken cancellationToken)
    {
        var (options, place) = await ClusterAsync(order, cancellationToken);
        var pipeline = Pipeline.Parse(order.Pipeline);
        pipeline = pipeline with { From = pipeline.From is null ? null : Path.GetFullPath(pipeline.From) };
        // Nodes run in folders of their own; the order's names begin where this process runs, as for one machine.
        var training = TrainingOrder.Of(pipeline, [.. order.Data], Path.Combine(place, "model")) with
        {
            Folder = Directory.GetCurrentDirectory(),
        };
        var id = order.Job.Split('/')[^1];
        var jobs = new JobStore(options.Database, options.Cluster, TimeProvider.System);
        await jobs.TryAddAsync(
            new JobDefinition(id, TrainingOrder.Kind, training.Write(), place)
            {
                Workers = Math.Max(1, members.Workers),
                ParameterServers = TrainingOrder.NeedsServers(pipeline) ? Math.Max(1, members.ParameterServers) : 0,
                Pool = pool.Name, Needs = new Resources(members.Processors, 0), Trace = Activity.Current?.Id ?? order.Trace,
            },
            cancellationToken);
        var over = await FollowAsync(options, jobs, id, log, cancellationToken);
        if (over.State != JobState.Succeeded)
        {
            throw new JobFailedException($"the training on {pool.Name} failed: {over.Reason}");
        }

        var output = JsonSerializer.Deserialize<TrainingOutput>(over.Result)!; // what a training that succeeded leaves
        foreach (var warning in output.Warnings)
        {
            log.Write("WARNING", warning.Text);
        }

        // Copied, since an attempt that follows this one finds the cluster's own model again.
        TrainedModel.Load(output.Folder).Save(target, overwrite: true);
    }

    /// <summary>Has the lines of a batch prediction answered on a cluster, or follows the job of an earlier attempt.</summary>
    /// <returns>Null: there is too little for more than one process.</returns>
    public async Task<SharedPredictions?> PredictAsync(JobOrder.PredictBatch order, IJobLog log, CancellationToken cancellationToken)
    {
        var lines = new LinesOrder(Path.GetFullPath(order.ModelFolder), [.. order.Files.Select(Path.GetFullPath)]) { BatchSize = order.BatchSize };
        var workers = Math.Min(order.Members?.Workers ?? 1, lines.CountParts());
        if (workers < 2)
        {
            return null;
        }

        var (options, place) = await ClusterAsync(order, cancellationToken);
        var (id, jobs) = (order.Job.Split('/')[^1], new JobStore(options.Database, options.Cluster, TimeProvider.System));
        await jobs.TryAddAsync(
            new JobDefinition(id, LinesOrder.Kind, lines.Write(), place)
            {
                Workers = workers, Pool = pool.Name, Trace = Activity.Current?.Id ?? order.Trace,
            },
            cancellationToken);
        var over = await FollowAsync(options, jobs, id, log, cancellationToken);
        if (over.State != JobState.Succeeded)
        {
            throw new JobFailedException($"the prediction on {pool.Name} failed: {over.Reason}");
        }

        var output = JsonSerializer.Deserialize<LinesOutput>(over.Result)!; // what a job of this kind that succeeded leaves
        return new SharedPredictions(LinesOrder.ResultsIn(place), LinesOrder.ErrorsIn(place), output.Predictions, output.Refused, over.Definition.Workers);
    }

    /// <summary>The cluster of the job's own, and its folder.</summary>
    async Task<(NodeOptions Options, string Folder)> ClusterAsync(JobOrder order, CancellationToken cancellationToken)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "cluster")).FullName;
        var options = new NodeOptions
        {
            Cluster = $"job.{order.Job.Split('/')[1]}.{order.Job.Split('/')[^1]}", Address = address,
            Database = ClusterDatabase.Parse(database ?? $"sqlite:{Path.Combine(place, "cluster.db")}"),
            Token = ClusterPlace.TokenAt(Path.Combine(place, "token")), Self = Self.Words, Leases = ClusterPlace.Leases,
            LeasedWords = [.. foreign.Words],
        };
        await options.Database.PrepareAsync(cancellationToken);
        return (options, place);
    }

    /// <returns>The chief's exit code.</returns>
    public async Task<int> RunAsync(MembersRun run, IJobLog log, CancellationToken cancellationToken)
    {
        var options = new RunOptions([.. run.Command], Self.Words, run.Folder, run.Logs)
        {
            Workers = run.Members.Workers, ParameterServers = run.Members.ParameterServers, Evaluators = run.Members.Evaluators,
            Needs = new Resources(run.Members.Processors, 0), Address = address, ChiefTask = run.ChiefTask, JobText = run.Job,
            IsBare = true,
        };
        log.Write("INFO", $"{run.Members.Machines} machines of the pool '{pool.Name}'.");
        var outcome = await new DistributedRun(options, pool, (member, text, isError) =>
            log.Write(isError ? "WARNING" : "INFO", text, ReplicaOf(member))).RunAsync(cancellationToken);
        if (outcome.Code != 0)
        {
            log.Write("ERROR", $"{outcome.Reason}.");
        }

        return outcome.Code;
    }

    static async Task<JobRecord> FollowAsync(
        NodeOptions options, JobStore jobs, string id, IJobLog log, CancellationToken cancellationToken)
    {
        var progress = new Progress(log);
        try
        {
            return await new JobFollower(options, TimeProvider.System).FollowAsync(
                id, line => log.Write("INFO", line.Text, ReplicaOf(line.Member)), progress.Tell, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await jobs.CancelAsync(id, CancellationToken.None);
            throw;
        }
    }

    /// <summary>CMLE's words for Capstan's: <c>worker-1</c> is <c>worker-replica-1</c>, whoever leads is the master.</summary>
    static string? ReplicaOf(string member) =>
        member.Split('-') is [not Coordinator and var role, var index] ? $"{role}-replica-{index}" : null;

    static string? ReplicaOf(Member member) => member.Role == MemberRole.Chief ? null : $"{member.Task}-replica-{member.Index}";

    /// <summary>What members say of how far they are, which changes all the time: into the log now and then.</summary>
    sealed class Progress(IJobLog log)
    {
        static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

        readonly Dictionary<string, string> _said = [];
        long _last;

        public void Tell(JobRecord record, IReadOnlyList<JobMemberProgress> members)
        {
            if (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < Between)
            {
                return;
            }

            _last = TimeProvider.System.GetTimestamp();
            foreach (var member in members.Prepend(new JobMemberProgress(Coordinator, record.Progress)).Where(each => each.Text.Length > 0))
            {
                if (_said.GetValueOrDefault(member.Member) != member.Text)
                {
                    _said[member.Member] = member.Text;
                    log.Write("INFO", member.Text, ReplicaOf(member.Member));
                }
            }
        }
    }
}
