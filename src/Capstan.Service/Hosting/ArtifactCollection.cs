using Capstan.Registry;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>
/// Removes copies of models that no version has had for a while
/// (docs/decisions/0333-artifacts-are-collected-a-day-after-their-last-use.md).
/// </summary>
sealed partial class ArtifactCollection(Engine engine)
{
    static readonly TimeSpan LookInterval = TimeSpan.FromHours(1);

    readonly ILogger _logger = engine.Loggers.CreateLogger<ArtifactCollection>();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // First the wait: what is collected is days old, and a server that starts has other things to do.
            await Task.Delay(LookInterval, engine.Time, cancellationToken);
            try
            {
                while (await CollectNextAsync(cancellationToken))
                {
                }
            }
            catch (Exception failure) when (failure is System.Data.Common.DbException or IOException)
            {
                LogTrouble(failure);
            }
        }
    }

    /// <returns>False: there is nothing to remove.</returns>
    public async Task<bool> CollectNextAsync(CancellationToken cancellationToken)
    {
        var removed = await engine.Database.WriteAsync(async session =>
        {
            await session.Artifacts.MarkUnusedAsync(engine.Now, cancellationToken);
            var before = engine.Now - engine.Options.CollectionDelay;
            if (await session.Artifacts.CollectableAsync(before, cancellationToken) is not { } artifact)
            {
                return null;
            }

            // Within the transaction, which keeps others from claiming it: done twice, it is the same.
            await engine.Copies.DeleteAsync(artifact.Hash, cancellationToken);
            await session.Artifacts.DeleteAsync(artifact.Hash, cancellationToken);
            return artifact;
        }, cancellationToken);
        if (removed is null)
        {
            return false;
        }

        LogRemoved(removed.Hash, removed.Bytes);
        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "Artifact {Hash} of {Bytes} bytes, which no version has, is removed.")]
    partial void LogRemoved(string hash, long bytes);

    [LoggerMessage(2, LogLevel.Warning, "Artifacts can't be collected now.")]
    partial void LogTrouble(Exception failure);
}
