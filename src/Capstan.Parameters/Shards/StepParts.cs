using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>
/// The parts of a synchronous step as they come in, by nodes of <see cref="PartTree"/>: put together in the tree's order, whatever the order they come in and
/// whoever computed them. What comes before parts of lower index is kept as it came.
/// </summary>
sealed class StepParts(ShardState state)
{
    readonly Dictionary<int, (FrameBuffer Section, int Count)> _early = [];
    readonly Stack<FrameBuffer> _spare = new();
    bool[] _received = [];
    int _count;
    int _next;
    double _loss;
    double _weightSum;
    bool _isBegun;

    // Keys of synchronous pushes always travel in full, so that any connection's can be read.
    readonly KeyMemory _noKeys = new();

    public bool AreComplete => _isBegun && _next == _count;

    /// <summary>Takes the sections of a push.</summary>
    /// <param name="push">
    /// A count of sections; each its first part, how many parts it sums up, which are a node, the length of the rest in bytes, the loss (8
    /// bytes) and the weight (8 bytes) of each part, and gradients
    /// as <see cref="ShardState.Add"/> reads them.
    /// </param>
    /// <param name="received">Told of every section that is here now, taken in or not.</param>
    /// <returns>Stale if all parts had come before.</returns>
    public FrameStatus Take(FrameBuffer push, Action<WorkLease> received)
    {
        Begin();
        var sections = push.Read<int>();
        var isNew = false;
        for (var section = 0; section < sections; section++)
        {
            var (first, count, length) = (push.Read<int>(), push.Read<int>(), push.Read<int>());
            if (!PartTree.IsNode(first, count, _count))
            {
                throw new FrameException($"{count} parts from {first} on are no node of the {_count} parts of step {state.Version}");
            }

            var known = _received.AsSpan(first, count).Count(true);
            if (known > 0)
            {
                push.Read<byte>(length);
                if (known < count)
                {
                    return FrameStatus.Overlap;
                }
            }
            else if (first == _next)
            {
                Add(push, count);
                isNew = true;
                while (_early.Remove(_next, out var early))
                {
                    early.Section.Rewind();
                    Add(early.Section, early.Count);
                    early.Section.Clear();
                    _spare.Push(early.Section);
                }
            }
            else
            {
                var kept = _spare.TryPop(out var spare) ? spare : new FrameBuffer();
                kept.Write<byte>(push.Read<byte>(length));
                _early.Add(first, (kept, count));
                isNew = true;
            }

            _received.AsSpan(first, count).Fill(true);
            received(new WorkLease(state.Version, first, count));
        }

        return isNew ? FrameStatus.Ok : FrameStatus.Stale;
    }

    /// <summary>Makes the step of all parts.</summary>
    public void Finish()
    {
        _isBegun = false;
        state.Step(state.Version, _loss, _weightSum);
    }

    /// <summary>Forgets the parts that have come: they will be computed again.</summary>
    public void Reset()
    {
        _isBegun = false;
        state.Begin();
        foreach (var (section, _) in _early.Values)
        {
            section.Clear();
            _spare.Push(section);
        }

        _early.Clear();
    }

    void Begin()
    {
        if (_isBegun)
        {
            return;
        }

        _isBegun = true;
        _count = state.PartsOf(state.Version);
        if (_received.Length != _count)
        {
            _received = new bool[_count];
        }

        Array.Clear(_received);
        (_next, _loss, _weightSum) = (0, 0, 0);
    }

    void Add(FrameBuffer section, int count)
    {
        for (var part = 0; part < count; part++)
        {
            _loss += section.Read<double>();
            _weightSum += section.Read<double>();
        }

        state.Add(section, _noKeys, _next, count);
        _next += count;
    }
}
