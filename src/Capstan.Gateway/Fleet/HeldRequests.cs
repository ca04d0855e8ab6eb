namespace Capstan.Gateway;

/// <summary>
/// Requests that wait for a place, first come, first served, and no more than so many. Not thread-safe: its group's lock guards it.
/// </summary>
sealed class HeldRequests(int most)
{
    readonly LinkedList<TaskCompletionSource<ReplicaLease>> _waiting = new();

    public int Count => _waiting.Count;

    /// <returns>What will hold the place; null where too many wait already.</returns>
    public TaskCompletionSource<ReplicaLease>? Add()
    {
        if (_waiting.Count >= most)
        {
            return null;
        }

        // Whoever gives a place away must not run the request that gets it.
        var place = new TaskCompletionSource<ReplicaLease>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.AddLast(place);
        return place;
    }

    /// <returns>False where the request has got its place in the meantime.</returns>
    public bool Remove(TaskCompletionSource<ReplicaLease> place) => _waiting.Remove(place);

    public TaskCompletionSource<ReplicaLease>? TakeFirst()
    {
        if (_waiting.First is not { } first)
        {
            return null;
        }

        _waiting.RemoveFirst();
        return first.Value;
    }
}
