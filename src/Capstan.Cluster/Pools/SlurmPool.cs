using System.Globalization;

namespace Capstan.Cluster;

/// <summary>
/// Slurm: a lease is a batch job. Slurm keeps the queue, starts machines that sleep, and takes back the machine of a job that has
/// ended (docs/decisions/0252-a-lease-in-slurm-is-a-batch-job.md).
/// </summary>
/// <param name="partition">Null: the cluster's default.</param>
public sealed class SlurmPool(string? partition = null) : IMachinePool
{
    // Unknown to squeue: ended so long ago that Slurm has forgotten it.
    const string Forgotten = "Invalid job id";

    public string Name => partition is null ? "slurm" : $"slurm:{partition}";

    public bool IsRemote => true;

    public async ValueTask<MachineLease?> TryLeaseAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        List<string> options =
        [
            "--parsable", $"--job-name={request.Name}", "--ntasks=1", $"--cpus-per-task={request.Needs.Processors}",
            $"--chdir={request.Folder}", $"--output={Path.GetFullPath(request.Log)}", "--open-mode=append", "--export=ALL",
            // A node that dies takes its member along: the job starts another, and two of one name must not run.
            "--no-requeue",
        ];
        if (partition is not null)
        {
            options.Add($"--partition={partition}");
        }

        if (request.Needs.MemoryBytes > 0)
        {
            options.Add($"--mem={Math.Max(1, request.Needs.MemoryBytes >> 20)}M");
        }

        var script = $"#!/bin/sh\nexec {string.Join(' ', request.Command.Select(Quoted))}\n";
        var answer = await Programs.RunAsync("sbatch", options, script, request.Variables, request.IsBare, cancellationToken);
        // JOB or JOB;CLUSTER.
        return answer.Code == 0 && long.TryParse(answer.Output.Trim().Split(';')[0], CultureInfo.InvariantCulture, out var job)
            ? new MachineLease(Name, job.ToString(CultureInfo.InvariantCulture))
            : throw new PoolException(Name, $"refused a job: {answer.Said}");
    }

    public async ValueTask<LeaseState> LookAsync(MachineLease lease, CancellationToken cancellationToken)
    {
        var answer = await Programs.RunAsync("squeue", ["--noheader", $"--jobs={lease.Id}", "--format=%T", "--states=all"], "", null, isBare: false, cancellationToken);
        return answer.Code != 0 && !answer.Said.Contains(Forgotten, StringComparison.Ordinal)
            ? throw new PoolException(Name, $"did not say how job {lease.Id} stands: {answer.Said}")
            : StateOf(answer.Output.Trim());
    }

    public async ValueTask ReturnAsync(MachineLease lease, CancellationToken cancellationToken)
    {
        // TERM, and KILL after the cluster's KillWait.
        var answer = await Programs.RunAsync("scancel", [lease.Id], "", null, isBare: false, cancellationToken);
        if (answer.Code != 0 && !answer.Said.Contains(Forgotten, StringComparison.Ordinal))
        {
            throw new PoolException(Name, $"did not end job {lease.Id}: {answer.Said}");
        }
    }

    /// <param name="state">One of squeue's words (job state codes of its manual); empty for a job that it does not list.</param>
    internal static LeaseState StateOf(string state) => state switch
    {
        "PENDING" or "CONFIGURING" or "REQUEUED" or "REQUEUE_HOLD" or "RESV_DEL_HOLD" or "SPECIAL_EXIT" => LeaseState.Waiting,
        "RUNNING" or "SUSPENDED" or "STOPPED" or "RESIZING" or "SIGNALING" or "STAGE_OUT" => LeaseState.Running,
        _ => LeaseState.Ended,
    };

    static string Quoted(string word) => $"'{word.Replace("'", "'\\''")}'";
}
