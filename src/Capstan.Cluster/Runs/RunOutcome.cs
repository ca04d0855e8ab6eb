namespace Capstan.Cluster;

/// <summary>How a run of several processes ended.</summary>
/// <param name="Code">The chief's exit code, or that of the member that failed first.</param>
/// <param name="Reason">Who decided, in words.</param>
public sealed record RunOutcome(int Code, string Reason);
