using Orleans;

namespace Capstan.Cluster;

/// <summary>
/// The one of a cluster that knows which nodes live and says what each of them runs. Orleans sees to it that there is one, on whichever node; it
/// remembers nothing that the nodes' reports and the database could not tell it again.
/// </summary>
interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>A node says how it stands and hears what it shall do.</summary>
    Task<NodeOrders> ReportAsync(NodeReport report);

    /// <summary>Where the parameter servers of a job listen that are believed to be alive.</summary>
    Task<string[]> ServersAsync(string job);
}
