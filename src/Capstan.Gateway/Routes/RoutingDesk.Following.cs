using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>How a change comes about among gateways that share a store, and how those of others are taken up.</summary>
public sealed partial class RoutingDesk
{
    // An artifact that can't be read now may be whole again soon, but reading it costs.
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Models whose replicas may answer by another route than the one that is kept.</summary>
    readonly HashSet<string> _behind = new(StringComparer.Ordinal);
    DateTimeOffset _noRetryBefore;

    /// <summary>Takes up what others have changed; what could not be taken up before is tried again.</summary>
    /// <exception cref="VersionNotReadyException">
    /// The replicas of some model can't answer by its new route; they go on by the old one, and all other models have theirs.
    /// </exception>
    /// <exception cref="RouteRefusedException">The same: an artifact can't be had.</exception>
    internal async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await TakeUpAsync(cancellationToken);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>The replicas first, since only they can tell whether they can; then the others.</summary>
    /// <returns>False: another gateway's change was faster, and this one must be made from that.</returns>
    async Task<bool> TryMakeAsync(string model, FleetDocument current, FleetDocument next, CancellationToken cancellationToken)
    {
        try
        {
            await _distribute(model, next, cancellationToken);
            if (await _store.TryWriteAsync(next, model, CancellationToken.None))
            {
                _current = next;
                _behind.Remove(model);
                return true;
            }
        }
        catch (VersionNotReadyException problem)
        {
            await _distribute(model, current, CancellationToken.None);
            throw RouteProblems.NotReady(problem.Message, problem);
        }
        catch
        {
            // Some replicas may answer by what is kept nowhere.
            _behind.Add(model);
            throw;
        }

        _behind.Add(model);
        return false;
    }

    /// <summary>Before a change, which may well be the one that mends what can't be taken up.</summary>
    async Task TakeUpOthersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TakeUpAsync(cancellationToken);
        }
        catch (Exception problem) when (problem is VersionNotReadyException or RouteRefusedException)
        {
            // It is said, and tried again, whenever this gateway looks for changes.
        }
    }

    async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        var current = _current;
        var next = current;
        if (await _store.GenerationAsync(cancellationToken) != current.Table.Generation)
        {
            next = await _store.ReadAsync(cancellationToken);
            _behind.UnionWith(next.Table.Models.Select(route => route.Model).Where(model =>
                next.Find(model)!.ToJson() != current.Find(model)?.ToJson())); // A model of the table has a route.
        }
        else if (_time.GetUtcNow() < _noRetryBefore)
        {
            return;
        }

        Exception? problem = null;
        foreach (var model in _behind.ToArray())
        {
            try
            {
                await _distribute(model, next, cancellationToken);
                _behind.Remove(model);
            }
            catch (Exception refusal) when (refusal is VersionNotReadyException or RouteRefusedException)
            {
                problem = refusal;
            }
        }

        _current = next;
        if (problem is not null)
        {
            _noRetryBefore = _time.GetUtcNow() + RetryAfter;
            throw problem;
        }
    }
}
