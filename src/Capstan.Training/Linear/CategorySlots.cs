using System.Numerics;
using System.Runtime.InteropServices;

namespace Capstan.Training;

/// <summary>
/// Gives every category that occurs a place in a table that has only those, in the order of their first occurrence: of 2²⁸
/// buckets of a
/// hashed cross most stay empty. Not thread-safe.
/// </summary>
/// <remarks>Open addressing with linear probing, at most half full: 8 bytes for each place of the table, 16 to 32 for each
/// category.</remarks>
sealed class CategorySlots
{
    readonly List<int> _categories = [];

    // A category's slot and 1, so that 0 is empty.
    int[] _slots = new int[1024];

    /// <summary>[Count] the category of each slot.</summary>
    public ReadOnlySpan<int> Categories => CollectionsMarshal.AsSpan(_categories);

    public int Count => _categories.Count;

    /// <summary>The place of a category, a new one at its first occurrence.</summary>
    /// <param name="category">Numbered through all features, ≥ 0.</param>
    public int SlotOf(int category)
    {
        var place = PlaceOf(category);
        if (_slots[place] != 0)
        {
            return _slots[place] - 1;
        }

        _categories.Add(category);
        _slots[place] = _categories.Count;
        if (2 * _categories.Count > _slots.Length)
        {
            Grow();
        }

        return _categories.Count - 1;
    }

    public bool Contains(int category) => _slots[PlaceOf(category)] != 0;

    public void Clear()
    {
        _categories.Clear();
        Array.Clear(_slots);
    }

    int PlaceOf(int category)
    {
        var mask = _slots.Length - 1;
        // Fibonacci hashing: neighbours in a vocabulary land far apart.
        var place = (int)(((uint)category * 2654435769u) >> (32 - BitOperations.Log2((uint)_slots.Length)));
        while (_slots[place] != 0 && _categories[_slots[place] - 1] != category)
        {
            place = (place + 1) & mask;
        }

        return place;
    }

    void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var slot = 0; slot < _categories.Count; slot++)
        {
            _slots[PlaceOf(_categories[slot])] = slot + 1;
        }
    }
}
