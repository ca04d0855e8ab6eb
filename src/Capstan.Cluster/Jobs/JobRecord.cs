namespace Capstan.Cluster;

/// <summary>How a job stands. The numbers are stored and never reused.</summary>
public enum JobState
{
    Queued = 0,
    Running = 1,
    Succeeded = 2,
    Failed = 3,
    Cancelled = 4,
}

/// <summary>A job as the cluster's database has it.</summary>
/// <param name="Epoch">
/// How often a coordinator was appointed. Whoever coordinates under an earlier epoch writes nothing any more: it was taken for dead.
/// </param>
/// <param name="Cancel">Somebody wants it to end.</param>
/// <param name="Coordinator">The node that drives it; empty before the first.</param>
/// <param name="Endpoint">What the coordinator tells its workers about where to find it; empty before it is ready.</param>
/// <param name="Reason">Why it stands as it does, in words.</param>
/// <param name="Progress">What the coordinator last said of its members, for people.</param>
/// <param name="Result">What the work left; empty before the end.</param>
public sealed record JobRecord(
    JobDefinition Definition, JobState State, long Epoch, bool Cancel, string Coordinator, string Endpoint, string Reason, string Progress,
    string Result, DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended)
{
    public bool IsOver => State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;
}

/// <summary>A line that a member of a job wrote.</summary>
/// <param name="Number">Grows within the cluster.</param>
public sealed record JobLine(long Number, string Member, string Text);

/// <summary>How far a worker of a job is, in its own words.</summary>
/// <param name="Member">As in <see cref="JobLine"/>: <c>worker-0</c>.</param>
public sealed record JobMemberProgress(string Member, string Text);
