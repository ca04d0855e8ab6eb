using Capstan.Registry;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>What every part of the service works with.</summary>
/// <param name="Copies">The immutable copies in the same store.</param>
/// <param name="Holder">
/// Names this server among those that share a database, the same when it is started again on its data folder: it may then go on
/// with what it held.
/// </param>
sealed record Engine(
    RegistryDatabase Database, IArtifactStore Store, ArtifactCopies Copies, TimeProvider Time, ServiceOptions Options,
    string Holder)
{
    /// <summary>Set whenever there may be new work, so that workers of this process need not wait for their next look.</summary>
    public WorkSignal Signal { get; } = new();

    public ILoggerFactory Loggers => Options.Loggers;

    public DateTimeOffset Now => Time.GetUtcNow();

}

/// <summary>Wakes whoever waits for work.</summary>
sealed class WorkSignal
{
    TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Interlocked.Exchange(ref _next,
        new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Ends with the next <see cref="Set"/>, or after a while, since other servers set no signal here.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Volatile.Read(ref _next).Task, Task.Delay(longest, time, end.Token));
        end.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
