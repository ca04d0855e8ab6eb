namespace Capstan.Serving;

/// <summary>
/// Threads for calls that wait for another process: as many as it computes at the same time, so that a model that does not answer keeps no
/// thread from the requests of others. Whoever finds none free waits without one. Thread-safe.
/// </summary>
sealed class WaitingThreads(int places)
{
    readonly SemaphoreSlim _free = new(places);

    /// <exception cref="OperationCanceledException">Cancelled before the call began.</exception>
    public async Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Factory.StartNew(
                call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }
        finally
        {
            _free.Release();
        }
    }
}
