using System.Net;

namespace Capstan.Cluster;

// Learning comes after the data work, and both publish where they are under the same roof.

/// <summary>A coordinator that begins to learn: once it tells workers where to come for that, there is no split left to do.</summary>
sealed class LearningCoordination(ICoordination job, SplitServer splits) : ICoordination
{
    public JobDefinition Job => job.Job;

    public IPAddress Address => job.Address;

    public long Epoch => job.Epoch;

    public bool IsHandedOver => job.IsHandedOver;

    public Task<IReadOnlyList<string>> ServersAsync(CancellationToken cancellationToken) => job.ServersAsync(cancellationToken);

    public void Publish(string endpoint)
    {
        splits.Finish();
        job.Publish(endpoint);
    }

    public void Progress(string text) => job.Progress(text);

    public void Log(string line) => job.Log(line);
}

/// <summary>A worker that learns; where a coordinator comes anew and wants splits done first, it does them before it says where to learn.</summary>
sealed class LearningWorkplace(IWorkplace job, SplitWorker splits) : IWorkplace
{
    public JobDefinition Job => job.Job;

    public int Index => job.Index;

    public Task<string> EndpointAsync(CancellationToken cancellationToken) => splits.RunAsync(cancellationToken);

    public void Progress(string text) => job.Progress(text);

    public void Log(string line) => job.Log(line);
}
