using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// Makes something of every batch of a source, several splits at a time, and gives it out in the order of the rows. What comes out
/// is what one thread would make, whatever the number of threads; where splits fail, the first one's failure comes after all that one
/// thread would have given out.
/// </summary>
/// <remarks>
/// What is made before its turn waits, up to 8 MiB for each thread; beyond that only the split whose turn it is goes on, one item at a
/// time. Making also goes on while what came out last is being used. One reading is one object.
/// </remarks>
/// <param name="columns">The columns to read.</param>
/// <param name="begin">
/// Called for each split: gives what makes an item of a batch, into a used item where there is one. Runs on the thread pool.
/// </param>
/// <param name="bytesOf">About how much memory an item takes.</param>
public sealed class OrderedRead<TItem>(
    IBatchSource source, IReadOnlyList<string> columns, int threads, Func<Func<ColumnBatch, TItem?, TItem>> begin, Func<TItem, long> bytesOf)
    where TItem : class
{
    const long WaitingBytesPerThread = 8L << 20;

    /// <summary>The items made of one split that wait for their turn.</summary>
    sealed class Lane
    {
        public Queue<(TItem Item, long Bytes)> Made { get; } = new();

        public Task Making { get; set; } = Task.CompletedTask;

        public bool IsComplete { get; set; }
    }

    readonly Lock _gate = new();
    readonly Queue<Lane> _lanes = new();
    readonly Stack<TItem> _used = new();
    TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Lane? _head;
    long _waitingBytes;

    /// <returns>Items that are valid until the next is asked for.</returns>
    public async IAsyncEnumerable<TItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (threads == 1)
        {
            var (make, item) = (begin(), default(TItem));
            await foreach (var batch in source.ReadAllAsync(columns, cancellationToken))
            {
                item = make(batch, item);
                yield return item;
            }

            yield break;
        }

        using var places = new SemaphoreSlim(threads);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var next = 0;
            while (next < source.Splits.Count || _lanes.Count > 0)
            {
                // One more than are made at a time, so that no thread waits for the first to be used up.
                while (next < source.Splits.Count && _lanes.Count <= threads)
                {
                    Begin(source.Splits[next++], places, ending.Token);
                }

                while (await TakeAsync(cancellationToken) is { } item)
                {
                    yield return item;
                    lock (_gate)
                    {
                        _used.Push(item);
                    }
                }

                await _lanes.Dequeue().Making;
            }
        }
        finally
        {
            ending.Cancel();
            await Task.WhenAll(_lanes.Select(lane => lane.Making)).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    void Begin(Split split, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        var lane = new Lane();
        _lanes.Enqueue(lane);
        lane.Making = MakeAsync(lane, split, places, cancellationToken);
    }

    async Task MakeAsync(Lane lane, Split split, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        try
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                // Reading is arithmetic: it needs a thread of its own for every split under way.
                await Task.Run(() => MakeAsync(lane, split, cancellationToken), cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }
        finally
        {
            Move(() => lane.IsComplete = true);
        }
    }

    async Task MakeAsync(Lane lane, Split split, CancellationToken cancellationToken)
    {
        var make = begin();
        await foreach (var batch in source.ReadAsync(split, columns, cancellationToken))
        {
            TItem? used;
            lock (_gate)
            {
                _used.TryPop(out used);
            }

            var item = make(batch, used);
            var bytes = bytesOf(item);
            while (Waiting(() => lane == _head && lane.Made.Count == 0 || _waitingBytes + bytes <= threads * WaitingBytesPerThread) is { } moved)
            {
                await moved.WaitAsync(cancellationToken);
            }

            Move(() =>
            {
                lane.Made.Enqueue((item, bytes));
                _waitingBytes += bytes;
            });
        }
    }

    /// <summary>The next item of the first lane; null where all are taken.</summary>
    async Task<TItem?> TakeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var lane = _lanes.Peek();
        Move(() => _head = lane);
        while (Waiting(() => lane.Made.Count > 0 || lane.IsComplete) is { } moved)
        {
            await moved.WaitAsync(cancellationToken);
        }

        TItem? taken = null;
        Move(() =>
        {
            if (lane.Made.TryDequeue(out var made))
            {
                (taken, _waitingBytes) = (made.Item, _waitingBytes - made.Bytes);
            }
        });
        return taken;
    }

    /// <summary>What to wait for before looking again; null where it is so already.</summary>
    Task? Waiting(Func<bool> isSo)
    {
        lock (_gate)
        {
            return isSo() ? null : _moved.Task;
        }
    }

    /// <summary>Changes something that others may wait for.</summary>
    void Move(Action change)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            change();
            (moved, _moved) = (_moved, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.SetResult();
    }
}
