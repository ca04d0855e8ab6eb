namespace Capstan.Cluster;

/// <summary>
/// A machine, or a part of one, that a pool has given. It is text, so that whoever goes on with a job can give it back.
/// </summary>
/// <param name="Pool">As <see cref="MachinePools.Parse"/> takes it.</param>
/// <param name="Id">What the pool calls it.</param>
public readonly record struct MachineLease(string Pool, string Id)
{
    public override string ToString() => $"{Pool}/{Id}";
}

/// <summary>How a lease stands.</summary>
public enum LeaseState
{
    /// <summary>The pool has no machine for it yet, or is starting one.</summary>
    Waiting,

    Running,

    /// <summary>The command has ended, or the pool took the machine back, or never knew the lease.</summary>
    Ended,
}
