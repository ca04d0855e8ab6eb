using System.Text.Json.Nodes;
using Capstan.Registry;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>
/// Does the work of operations, one at a time and under a lease: what a server that died left undone is done again by another,
/// from the start, which changes nothing since copies are named by their content.
/// </summary>
sealed partial class OperationWorker(Engine engine, VersionMaker maker)
{
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    // An operation that kills its server each time must not do so for ever.
    const int MostAttempts = 5;

    readonly ILogger _logger = engine.Loggers.CreateLogger<OperationWorker>();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await NextAsync(cancellationToken) is { } item)
                {
                    await DoAsync(item, cancellationToken);
                    continue;
                }
            }
            catch (Exception failure) when (
                failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // The database may be away for a while; the work waits for it.
                LogTrouble(failure);
            }

            await engine.Signal.WaitAsync(LongestWait, engine.Time, cancellationToken);
        }
    }

    async Task<WorkItem?> NextAsync(CancellationToken cancellationToken)
    {
        var waiting = await engine.Database.ReadAsync(session =>
            session.Work.ListAsync(Operations.Kind, cancellationToken), cancellationToken);

        // What this server itself holds is from before it was started anew.
        foreach (var item in waiting.Where(item => item.Holder is null || item.LeaseEnds < engine.Now || item.Holder == engine.Holder))
        {
            if (await engine.Database.WriteAsync(
                session => session.Work.TryTakeAsync(item.Name, engine.Holder, engine.Now, Lease, cancellationToken), cancellationToken))
            {
                return item with { Attempts = item.Attempts + 1 };
            }
        }

        return null;
    }

    async Task DoAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var operation = await engine.Database.ReadAsync(session =>
            session.Resources.FindAsync(item.Name, cancellationToken), cancellationToken);
        var versionName = operation?.Body["metadata"]?["version"]?["name"]?.GetValue<string>();
        if (operation is null || versionName is null)
        {
            await engine.Database.WriteAsync(session =>
                session.Work.TryFinishAsync(item.Name, engine.Holder, cancellationToken), cancellationToken);
            return;
        }

        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewing = RenewAsync(item.Name, lost);
        try
        {
            var outcome = item.Attempts > MostAttempts
                ? new VersionMade.Failed(StatusCode.Internal,
                    $"Its server ended {MostAttempts} times while it was made; look into the servers' logs.")
                : await maker.MakeAsync(versionName, lost.Token);
            await ConcludeAsync(item, versionName, outcome, cancellationToken);
        }
        finally
        {
            await lost.CancelAsync();
            await renewing;
        }
    }

    /// <summary>
    /// Result, version, lineage and end of the work in one transaction, which fails where another server holds the work.
    /// </summary>
    Task ConcludeAsync(WorkItem item, string versionName, VersionMade outcome, CancellationToken cancellationToken) =>
        engine.Database.WriteAsync(async session =>
    {
        if (!await session.Work.TryFinishAsync(item.Name, engine.Holder, cancellationToken))
        {
            return false;
        }

        var modelName = versionName[..versionName.LastIndexOf("/versions/", StringComparison.Ordinal)];
        var model = await session.Resources.FindForUpdateAsync(modelName, cancellationToken);
        var version = await session.Resources.FindForUpdateAsync(versionName, cancellationToken);
        var operation = await session.Resources.FindForUpdateAsync(item.Name, cancellationToken);
        if (model is null || version is null || operation is null)
        {
            return false;
        }

        var metadata = operation.Body["metadata"]!.AsObject(); // every operation has it
        if (metadata["isCancellationRequested"]?.GetValue<bool>() == true)
        {
            outcome = new VersionMade.Failed(StatusCode.Cancelled, "The operation was cancelled.");
        }

        metadata["endTime"] = WireValue.Instant(engine.Now);
        operation.Body["done"] = true;
        switch (outcome)
        {
            case VersionMade.Ready ready:
                version.Body[VersionMethods.ArtifactHash] = ready.Artifact.Hash;
                version.Body[VersionMethods.ModelHash] = ready.ModelHash;
                version = version with { State = "READY" };
                if (ModelMethods.DefaultOf(model) is null)
                {
                    model.Body["defaultVersion"] = versionName;
                    await session.Resources.TryUpdateAsync(model, cancellationToken);
                }

                await session.Artifacts.ClaimAsync(ready.Artifact, cancellationToken);
                await session.Lineage.AddAsync(ready.Edges, cancellationToken);
                await session.Resources.TryInsertAsync(ready.Data, cancellationToken); // once for each data set
                var json = VersionMethods.Render(version with { Revision = version.Revision + 1 },
                    ModelMethods.DefaultOf(model) == versionName);
                operation.Body["response"] = Operations.Typed("Version", json);
                break;
            case VersionMade.Failed failed:
                version.Body["errorMessage"] = failed.Message;
                version = version with { State = "FAILED" };
                operation.Body["error"] = ErrorEnvelope.StatusOf(failed.Code, failed.Message);
                break;
        }

        await session.Resources.TryUpdateAsync(version, cancellationToken);
        await session.Resources.TryUpdateAsync(operation, cancellationToken);
        return true;
    }, cancellationToken);

    async Task RenewAsync(string name, CancellationTokenSource lost)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Lease / 4, engine.Time, lost.Token);
                if (!await engine.Database.WriteAsync(session =>
                    session.Work.TryRenewAsync(name, engine.Holder, engine.Now, Lease, lost.Token), lost.Token))
                {
                    await lost.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The work is done, or another's.
        }
        catch (System.Data.Common.DbException failure)
        {
            // Without the database the lease ends, and the result could not be stored either.
            LogTrouble(failure);
            await lost.CancelAsync();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Operations can't be worked on now.")]
    partial void LogTrouble(Exception failure);
}
