namespace Capstan.Cluster;

/// <summary>
/// What jobs of a kind do. One node coordinates and as many as the job wants work. Each part may be ended at any moment, with its node or because
/// another node was appointed, and is then begun again elsewhere: what is to survive lies in the job's folder, or with others.
/// </summary>
public interface IJobWork
{
    /// <summary>As <see cref="JobDefinition.Kind"/> names it.</summary>
    string Kind { get; }

    /// <summary>Drives the job to its end.</summary>
    /// <returns>What the job leaves, in the kind's own words.</returns>
    /// <exception cref="JobFailedException">It can't be done, and would not be on another node either.</exception>
    Task<string> CoordinateAsync(ICoordination job, CancellationToken cancellationToken);

    /// <summary>Works until the coordinator has no more for it.</summary>
    Task WorkAsync(IWorkplace job, CancellationToken cancellationToken);

    /// <summary>What of the job's folder nobody needs once it is over, as names and patterns of files and folders in it; logs never.</summary>
    /// <param name="job">One that is over.</param>
    /// <param name="over">For how long; the longer, the more may go.</param>
    IReadOnlyList<string> Leftovers(JobRecord job, TimeSpan over) => [];
}

/// <summary>What a coordinator has at hand.</summary>
public interface ICoordination
{
    JobDefinition Job { get; }

    /// <summary>The address of this node, for what listens.</summary>
    System.Net.IPAddress Address { get; }

    /// <summary>Of the others before it died, and so of this one.</summary>
    long Epoch { get; }

    /// <summary>Whether another coordinator goes on with the job: when this one is cancelled, since its node leaves or it was replaced.</summary>
    bool IsHandedOver { get; }

    /// <summary>Where the parameter servers of the job listen that are believed to be alive.</summary>
    Task<IReadOnlyList<string>> ServersAsync(CancellationToken cancellationToken);

    /// <summary>Tells the workers where to find the coordinator.</summary>
    void Publish(string endpoint);

    /// <summary>For people: how far the members are. The last word counts.</summary>
    void Progress(string text);

    /// <summary>A line of the job's log.</summary>
    void Log(string line);
}

/// <summary>What a worker has at hand.</summary>
public interface IWorkplace
{
    JobDefinition Job { get; }

    /// <summary>0-based.</summary>
    int Index { get; }

    /// <summary>What the coordinator has published; waits for it.</summary>
    Task<string> EndpointAsync(CancellationToken cancellationToken);

    /// <summary>For people: how far this worker is, and how fast. The last word counts.</summary>
    void Progress(string text);

    /// <summary>A line of the job's log.</summary>
    void Log(string line);
}

/// <summary>A job can't be done, on whichever node.</summary>
public sealed class JobFailedException(string reason) : Exception(reason);
