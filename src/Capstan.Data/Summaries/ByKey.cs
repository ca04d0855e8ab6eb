using System.Formats.Cbor;
using System.Text;

namespace Capstan.Data;

/// <summary>
/// A state for each key that was seen, and one of all rows whatever their key. Memory is bounded: beyond <see cref="MaxKeys"/>
/// keys, or <see cref="MaxBytes"/> of their text, the keys are given up and <see cref="IsFull"/> says so.
/// </summary>
/// <remarks>
/// Merging merges key by key, and is full where the keys of both would have been; laws and errors are those of the states.
/// </remarks>
public sealed class ByKey<TState> : IMergeable<ByKey<TState>>, IStoredState<ByKey<TState>>
    where TState : class, IMergeable<TState>, IStoredState<TState>
{
    public const int DefaultMaxKeys = 1_000_000;
    public const int MaxBytes = 256 << 20;

    readonly Func<TState> _begin;
    readonly List<TState> _states = [];
    ByteTable _keys = new();

    /// <param name="begin">A state of no rows.</param>
    /// <param name="maxKeys">At least 1.</param>
    public ByKey(Func<TState> begin, int maxKeys)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxKeys, 1);
        (_begin, MaxKeys, Overall) = (begin, maxKeys, begin());
    }

    public static ByKey<TState> Empty => new(() => TState.Empty, DefaultMaxKeys);

    public int MaxKeys { get; }

    /// <summary>
    /// Of all rows, those without a key as well; whoever observes into a key's state observes into this one too.
    /// </summary>
    public TState Overall { get; private init; }

    /// <summary>Whether there were more keys than are kept; then none is.</summary>
    public bool IsFull { get; private set; }

    /// <summary>How many keys are kept.</summary>
    public int Count => _states.Count;

    /// <summary>The key's state, to observe into; null once full.</summary>
    public TState? At(ReadOnlySpan<byte> key) => At(key, ValueHash.Of(key));

    /// <summary>The keys in byte order.</summary>
    public IEnumerable<(string Key, TState State)> Ordered() =>
        Indexes().Select(index => (Encoding.UTF8.GetString(_keys.SpanAt(index)), _states[index]));

    public ByKey<TState> Merge(ByKey<TState> other)
    {
        var merged = new ByKey<TState>(_begin, Math.Min(MaxKeys, other.MaxKeys)) { Overall = Overall.Merge(other.Overall) };
        if (IsFull || other.IsFull)
        {
            merged.GiveUp();
            return merged;
        }

        foreach (var part in (ReadOnlySpan<ByKey<TState>>)[this, other])
        {
            for (var index = 0; index < part.Count && !merged.IsFull; index++)
            {
                merged.Absorb(part._keys.SpanAt(index), part._keys.HashAt(index), part._states[index]);
            }
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        int[] order = [.. Indexes()];
        var fields = new StateWriter(writer, 6);
        fields.Number(1, MaxKeys);
        fields.Number(2, IsFull ? 1 : 0);
        fields.State(3, Overall);
        fields.Words(4, [.. order.Select(index => (ulong)_keys.SpanAt(index).Length)]);
        fields.Bytes(5, [.. order.SelectMany(index => _keys.SpanAt(index).ToArray())]);
        fields.States(6, [.. order.Select(index => _states[index])]);
        fields.End();
    }

    public static ByKey<TState> ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(ByKey<TState>), 6);
        var maxKeys = (int)fields.Number(1, 1, int.MaxValue);
        var isFull = fields.Number(2, 0, 1) == 1;
        var state = new ByKey<TState>(() => TState.Empty, maxKeys) { Overall = fields.State<TState>(3), IsFull = isFull };
        var lengths = fields.Words(4, maxKeys);
        var text = fields.Bytes(5, MaxBytes);
        var states = fields.States<TState>(6, lengths.Length);
        fields.End();
        fields.Check(states.Length == lengths.Length, $"it has {lengths.Length:N0} keys and {states.Length:N0} states");
        fields.Check(!isFull || lengths.Length == 0, "it claims both to have given up its keys and to have some");
        var start = 0;
        for (var index = 0; index < states.Length; index++)
        {
            fields.Check(
                lengths[index] <= (ulong)(text.Length - start),
                $"key {index} claims {lengths[index]} bytes; {text.Length - start} are there");
            var key = text.AsSpan(start, (int)lengths[index]);
            var hash = ValueHash.Of(key);
            fields.Check(state._keys.Find(key, hash) < 0, $"key {index} is stored twice");
            state._keys.Add(key, hash, 0);
            state._states.Add(states[index]);
            start += key.Length;
        }

        fields.Check(start == text.Length, $"{text.Length - start} bytes of text belong to no key");
        return state;
    }

    TState? At(ReadOnlySpan<byte> key, ulong hash)
    {
        if (_keys.Find(key, hash) is >= 0 and var index)
        {
            return _states[index];
        }

        if (IsFull || !HasRoomFor(key))
        {
            GiveUp();
            return null;
        }

        _keys.Add(key, hash, 0);
        _states.Add(_begin());
        return _states[^1];
    }

    void Absorb(ReadOnlySpan<byte> key, ulong hash, TState state)
    {
        if (_keys.Find(key, hash) is >= 0 and var index)
        {
            _states[index] = _states[index].Merge(state);
        }
        else if (HasRoomFor(key))
        {
            _keys.Add(key, hash, 0);
            // A copy: what is observed into one later must not show in the other.
            _states.Add(state.Merge(TState.Empty));
        }
        else
        {
            GiveUp();
        }
    }

    bool HasRoomFor(ReadOnlySpan<byte> key) => Count < MaxKeys && key.Length <= MaxBytes - _keys.ByteCount;

    void GiveUp()
    {
        IsFull = true;
        _keys = new ByteTable();
        _states.Clear();
    }

    IEnumerable<int> Indexes() => Enumerable.Range(0, Count).Order(Comparer<int>.Create(
        (left, right) => _keys.SpanAt(left).SequenceCompareTo(_keys.SpanAt(right))));
}
