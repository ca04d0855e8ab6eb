namespace Capstan.Cluster;

/// <summary>A split that a worker shall do.</summary>
/// <param name="Number">Of the lease's split among all that were wanted.</param>
/// <param name="Work">The key of what is to be done.</param>
/// <param name="SeenBy">The snapshot of a database that the rows are seen by; null of files.</param>
readonly record struct SplitLease(long Number, string Work, int Split, string? SeenBy);

/// <summary>
/// Which splits are wanted and who is at them. A worker takes the next one when it has nothing to do, so that faster ones do more; what a lost
/// worker had is given to others, and what one is late with to another as well: the first answer counts, and all are equal. Thread-safe.
/// </summary>
sealed class SplitLeases(TimeProvider clock)
{
    // Whoever takes so long may be stopped or cut off; only a worker with nothing else to do repeats the split.
    static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    readonly Lock _gate = new();
    readonly SortedDictionary<long, Wanted> _wanted = [];
    long _next;

    sealed class Wanted(string work, int split, string? seenBy)
    {
        public string Work => work;

        public int Split => split;

        public string? SeenBy => seenBy;

        public HashSet<string> Members { get; } = [];

        public long Since { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Whether something is wanted that nobody has answered.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _wanted.Count > 0;
            }
        }
    }

    /// <summary>Wants a split done; those wanted first are begun first.</summary>
    /// <returns>Ends when it is done.</returns>
    /// <exception cref="JobFailedException">A worker says that it can't be done.</exception>
    public async Task WantAsync(string work, int split, string? seenBy, CancellationToken cancellationToken)
    {
        var wanted = new Wanted(work, split, seenBy);
        long number;
        lock (_gate)
        {
            _wanted.Add(number = _next++, wanted);
        }

        try
        {
            await wanted.Done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _wanted.Remove(number);
            }
        }
    }

    /// <summary>Gives a worker something to do.</summary>
    /// <returns>Null: there is nothing now.</returns>
    public SplitLease? Take(string member)
    {
        lock (_gate)
        {
            foreach (var (number, wanted) in _wanted.Where(each => IsFor(member, each.Value)).OrderBy(each => each.Value.Members.Count).Take(1))
            {
                wanted.Members.Add(member);
                wanted.Since = clock.GetTimestamp();
                return new SplitLease(number, wanted.Work, wanted.Split, wanted.SeenBy);
            }

            return null;
        }
    }

    /// <summary>A split is answered. One that nobody wants any more was answered before.</summary>
    public void Complete(long number)
    {
        lock (_gate)
        {
            _wanted.GetValueOrDefault(number)?.Done.TrySetResult();
        }
    }

    /// <summary>A split can't be done.</summary>
    /// <param name="problem">Who found what, where.</param>
    public void Fail(long number, string problem)
    {
        lock (_gate)
        {
            _wanted.GetValueOrDefault(number)?.Done.TrySetException(new JobFailedException(problem));
        }
    }

    /// <summary>A worker is lost: what it had is given to others.</summary>
    public void Leave(string member)
    {
        lock (_gate)
        {
            foreach (var wanted in _wanted.Values)
            {
                wanted.Members.Remove(member);
            }
        }
    }

    bool IsFor(string member, Wanted wanted) => !wanted.Done.Task.IsCompleted
        && (wanted.Members.Count == 0 || (!wanted.Members.Contains(member) && clock.GetElapsedTime(wanted.Since) > Late));
}
