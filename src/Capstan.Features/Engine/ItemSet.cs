using System.Numerics;

namespace Capstan.Features;

/// <summary>
/// The different items of one list, in an open-addressing table that keeps its memory, so that a list of a million items takes a
/// million steps and a short one allocates nothing. Not thread-safe.
/// </summary>
sealed class ItemSet
{
    // Item index + 1, next to its hash; 0 is free.
    (int Hash, int Entry)[] _slots = [];
    int _mask;

    /// <summary>Empties the set and makes room.</summary>
    public void Begin(int items)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4L, items * 2L));
        if (size > _slots.Length)
        {
            _slots = new (int, int)[size];
        }
        else
        {
            _slots.AsSpan(0, size).Clear();
        }

        _mask = size - 1;
    }

    /// <summary>Whether the item was not there yet.</summary>
    public bool Add(ListRows lists, int item)
    {
        var text = lists.ItemAt(item);
        // Seeded anew in every process, so that nobody can choose items whose hashes collide.
        var bytes = new HashCode();
        bytes.AddBytes(text);
        var hash = bytes.ToHashCode();
        for (var slot = hash & _mask; ; slot = (slot + 1) & _mask)
        {
            var (found, entry) = _slots[slot];
            if (entry == 0)
            {
                _slots[slot] = (hash, item + 1);
                return true;
            }

            if (found == hash && lists.ItemAt(entry - 1).SequenceEqual(text))
            {
                return false;
            }
        }
    }
}
