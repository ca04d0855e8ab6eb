using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Capstan.Features;

/// <summary>
/// The terms of a vocabulary in an open-addressing hash table over their UTF-8 bytes. Immutable after construction.
/// </summary>
sealed class TermTable
{
    readonly byte[] _bytes;
    readonly int[] _offsets;

    // Slots hold term index + 1 (0 = free) next to 32 bits of the hash, so that most misses never touch the bytes.
    readonly (uint Hash, int Entry)[] _slots;

    /// <exception cref="ArgumentException">A term appears twice.</exception>
    public TermTable(IReadOnlyList<string> terms)
    {
        var encoded = terms.Select(Encoding.UTF8.GetBytes).ToArray();
        _bytes = new byte[encoded.Sum(term => (long)term.Length)];
        _offsets = new int[encoded.Length + 1];
        _slots = new (uint, int)[BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, encoded.Length * 2))];
        for (var index = 0; index < encoded.Length; index++)
        {
            if (IndexOf(encoded[index]) >= 0)
            {
                throw new ArgumentException($"The vocabulary holds the term '{terms[index]}' twice.", nameof(terms));
            }

            encoded[index].CopyTo(_bytes, _offsets[index]);
            _offsets[index + 1] = _offsets[index] + encoded[index].Length;
            var hash = Hash(encoded[index]);
            var slot = hash & (uint)(_slots.Length - 1);
            while (_slots[slot].Entry != 0)
            {
                slot = (slot + 1) & (uint)(_slots.Length - 1);
            }

            _slots[slot] = (hash, index + 1);
        }
    }

    public int Count => _offsets.Length - 1;

    /// <summary>The term's 0-based position, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> term)
    {
        var hash = Hash(term);
        var mask = (uint)(_slots.Length - 1);
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var (found, entry) = _slots[slot];
            if (entry == 0)
            {
                return -1;
            }

            if (found == hash && term.SequenceEqual(_bytes.AsSpan(_offsets[entry - 1], _offsets[entry] - _offsets[entry - 1])))
            {
                return entry - 1;
            }
        }
    }

    /// <summary>A quick hash for short terms; it is never stored, so it may change.</summary>
    static uint Hash(ReadOnlySpan<byte> term)
    {
        var state = (ulong)term.Length * 0x9E3779B97F4A7C15;
        while (term.Length >= 8)
        {
            state = (BitOperations.RotateLeft(state, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(term)) * 0xD6E8FEB86659FD93;
            term = term[8..];
        }

        var tail = 0UL;
        for (var index = term.Length - 1; index >= 0; index--)
        {
            tail = tail << 8 | term[index];
        }

        state = (BitOperations.RotateLeft(state, 23) ^ tail) * 0xD6E8FEB86659FD93;
        return (uint)(state >> 32) ^ (uint)(state >> 15);
    }
}
