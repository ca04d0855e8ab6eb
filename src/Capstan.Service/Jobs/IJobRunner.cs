namespace Capstan.Service;

/// <summary>
/// Where jobs run. A job is a folder with an order in it; running it means that some process, on this machine or another that
/// sees the folder, does what <see cref="JobProcess"/> does. It must go on when the server ends.
/// </summary>
public interface IJobRunner
{
    /// <summary>Starts the job of a folder, or does nothing if it runs already.</summary>
    Task StartAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Whether its process is alive.</summary>
    Task<bool> IsRunningAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Asks the job to end, or ends it at once.</summary>
    Task StopAsync(string folder, bool atOnce, CancellationToken cancellationToken);
}
