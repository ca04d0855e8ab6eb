namespace Capstan.Parameters;

/// <summary>
/// Hands out whole batches in their order, as far as the consistency allows. A batch whose worker left, or has had it for too
/// long, is handed out again; whichever result comes first counts.
/// </summary>
/// <param name="maxDelay">τ: how many batches before the one handed out may still be open; null for any number.</param>
/// <param name="leaseSeconds">How long a worker may have a batch.</param>
sealed class BatchDispatcher(int? maxDelay, double leaseSeconds) : IWorkDispatcher
{
    readonly List<Lease> _leases = [];
    readonly HashSet<long> _received = [];
    long _next;
    long _limit;

    /// <summary>All before this one have been taken in.</summary>
    public long Mark { get; private set; }

    /// <summary>Begins anew where a ledger stands.</summary>
    public void Begin(UnitLedger ledger, long limit)
    {
        (Mark, _next, _limit) = (ledger.Mark, ledger.Mark, limit);
        _leases.Clear();
        _received.Clear();
        for (var unit = Mark; unit < limit; unit++)
        {
            if (ledger.Contains(unit))
            {
                _received.Add(unit);
            }
        }
    }

    public WorkLease? Take(int worker, double now)
    {
        for (var index = 0; index < _leases.Count; index++)
        {
            var lease = _leases[index];
            if (lease.Worker < 0 || now - lease.Since > leaseSeconds)
            {
                _leases[index] = lease with { Worker = worker, Since = now };
                return new WorkLease(lease.Unit, 0, 1);
            }
        }

        _next = Math.Max(_next, Mark);
        while (_next < _limit && _received.Contains(_next))
        {
            _next++;
        }

        if (_next >= _limit || (maxDelay is { } delay && _next - Mark > delay))
        {
            return null;
        }

        _leases.Add(new Lease(_next, worker, now));
        return new WorkLease(_next++, 0, 1);
    }

    public double NextChance(int worker, double now)
    {
        var soonest = double.PositiveInfinity;
        foreach (var lease in _leases)
        {
            soonest = Math.Min(soonest, lease.Since + leaseSeconds - now);
        }

        return soonest;
    }

    public void Receive(in WorkLease done, double now)
    {
        var unit = done.Step;
        _leases.RemoveAll(lease => lease.Unit == unit);
        if (unit >= Mark && _received.Add(unit))
        {
            while (_received.Remove(Mark))
            {
                Mark++;
            }
        }
    }

    public void Leave(int worker)
    {
        for (var index = 0; index < _leases.Count; index++)
        {
            if (_leases[index].Worker == worker)
            {
                _leases[index] = _leases[index] with { Worker = -1 };
            }
        }
    }

    readonly record struct Lease(long Unit, int Worker, double Since);
}
