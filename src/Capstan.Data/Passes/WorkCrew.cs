using System.Runtime.ExceptionServices;

namespace Capstan.Data;

/// <summary>
/// Threads that share out short pieces of work again and again, such as the parts of a training batch. Who does which piece is left
/// to chance, so pieces must not depend on each other; what they make has to be put together by their numbers. Allocates nothing
/// while it works. Not thread-safe: one caller at a time, who works, too.
/// </summary>
public sealed class WorkCrew : IDisposable
{
    // About as long as the rest of a batch takes; a thread that slept meanwhile would be late.
    const int SpinsBeforeSleep = 200;

    readonly Thread[] _threads;
    readonly SemaphoreSlim _wake = new(0);
    readonly Lock _failing = new();
    Action<int> _work = static _ => { };
    ExceptionDispatchInfo? _failure;
    int _failedPiece;
    int _count;

    // The piece to take next, in the lower half, and the round, in the upper: one number, so that a late thread can't take a piece of
    // a round that it knows nothing of.
    long _next;
    int _open;
    int _sleeping;
    volatile bool _isOver;

    /// <param name="threads">≥ 1, the caller's included.</param>
    public WorkCrew(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = new Thread[threads - 1];
        for (var index = 0; index < _threads.Length; index++)
        {
            _threads[index] = new Thread(Serve) { IsBackground = true, Name = $"Capstan crew {index + 1}" };
            _threads[index].Start();
        }
    }

    public int Threads => _threads.Length + 1;

    /// <summary>Does all pieces of a work and returns when they are done.</summary>
    /// <param name="count">≥ 0.</param>
    /// <param name="work">Called once with each number from 0 to count − 1, on any thread.</param>
    /// <exception cref="Exception">What a piece threw; of several that of the lowest number among those begun.</exception>
    public void Run(int count, Action<int> work)
    {
        if (_threads.Length == 0 || count <= 1)
        {
            for (var piece = 0; piece < count; piece++)
            {
                work(piece);
            }

            return;
        }

        // Closed first: a thread still looking at the last round must not read this one's count beside that one's number.
        var round = (int)(Volatile.Read(ref _next) >> 32) + 1;
        Interlocked.Exchange(ref _next, ((long)(round - 1) << 32) | int.MaxValue);
        (_work, _count, _failure) = (work, count, null);
        Volatile.Write(ref _open, count);
        Interlocked.Exchange(ref _next, (long)round << 32);
        var sleeping = Volatile.Read(ref _sleeping);
        if (sleeping > 0)
        {
            _wake.Release(Math.Min(sleeping, count - 1));
        }

        TakePieces(round);
        var spinner = new SpinWait();
        while (Volatile.Read(ref _open) > 0)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        _failure?.Throw();
    }

    public void Dispose()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _wake.Release(Math.Max(1, _threads.Length));
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _wake.Dispose();
    }

    void Serve()
    {
        var seen = 0;
        while (!_isOver)
        {
            var round = Await(seen);
            TakePieces(round);
            seen = round;
        }
    }

    /// <summary>The number of a round that is newer than the one seen.</summary>
    int Await(int seen)
    {
        var spinner = new SpinWait();
        for (var spins = 0; !_isOver; spins++)
        {
            var round = (int)(Volatile.Read(ref _next) >> 32);
            if (round != seen)
            {
                return round;
            }

            if (spins < SpinsBeforeSleep)
            {
                spinner.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            Interlocked.Increment(ref _sleeping);
            // A round that began since is not slept through: whoever begins one wakes those who had counted themselves before.
            if ((int)(Interlocked.Read(ref _next) >> 32) == seen && !_isOver)
            {
                _wake.Wait();
            }

            Interlocked.Decrement(ref _sleeping);
            spins = 0;
        }

        return seen;
    }

    void TakePieces(int round)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            var piece = (int)next;
            if ((int)(next >> 32) != round || piece >= _count)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _next, next + 1, next) != next)
            {
                continue;
            }

            try
            {
                _work(piece);
            }
            catch (Exception failure)
            {
                lock (_failing)
                {
                    if (_failure is null || piece < _failedPiece)
                    {
                        (_failure, _failedPiece) = (ExceptionDispatchInfo.Capture(failure), piece);
                    }
                }
            }

            Interlocked.Decrement(ref _open);
        }
    }
}
