using System.Text;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Finds a field by the UTF-8 bytes of its name without making a string: a table of linear probing, asked only where the
/// caller's guess (the field after the last one found) is wrong. Immutable.
/// </summary>
sealed class FieldNames
{
    readonly byte[][] _names;
    readonly int[] _slots;

    public FieldNames(IEnumerable<string> names)
    {
        _names = [.. names.Select(Encoding.UTF8.GetBytes)];
        _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_names.Length * 2 + 1))];
        for (var index = 0; index < _names.Length; index++)
        {
            var slot = SlotOf(_names[index]);
            while (_slots[slot] != 0)
            {
                slot = slot + 1 & _slots.Length - 1;
            }

            _slots[slot] = index + 1;
        }
    }

    /// <param name="name">The name's UTF-8 bytes, unescaped.</param>
    /// <param name="guess">The position to try first; any number.</param>
    /// <returns>The 0-based position, or -1 for an unknown name.</returns>
    public int Find(ReadOnlySpan<byte> name, int guess)
    {
        if ((uint)guess < (uint)_names.Length && name.SequenceEqual(_names[guess]))
        {
            return guess;
        }

        for (var slot = SlotOf(name); _slots[slot] != 0; slot = slot + 1 & _slots.Length - 1)
        {
            if (name.SequenceEqual(_names[_slots[slot] - 1]))
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    int SlotOf(ReadOnlySpan<byte> name) => (int)MurmurHash3.Hash32(name, 0) & _slots.Length - 1;
}
