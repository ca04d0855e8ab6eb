using System.Collections.Immutable;

namespace Capstan.Models;

/// <summary>The sets of categories that nodes of decision trees ask for, as bits. Immutable.</summary>
public sealed class CategorySets
{
    readonly int[] _offsets;
    readonly uint[] _words;

    /// <param name="offsets">[sets + 1] where each set's words begin; from 0, rising, the last is the number of words.</param>
    /// <param name="words">Category c of a set is bit c mod 32 of its word c / 32; categories beyond its words are not in it.</param>
    /// <exception cref="ArgumentException">The offsets do not cut the words into sets.</exception>
    public CategorySets(ImmutableArray<int> offsets, ImmutableArray<uint> words)
    {
        var rises = offsets.Length > 0 && offsets[0] == 0 && offsets[^1] == words.Length;
        for (var set = 1; rises && set < offsets.Length; set++)
        {
            rises = offsets[set] >= offsets[set - 1];
        }

        if (!rises)
        {
            throw new ArgumentException(
                $"The offsets of the category sets do not rise from 0 to the number of words, {words.Length:N0}.", nameof(offsets));
        }

        (Offsets, Words) = (offsets, words);
        (_offsets, _words) = ([.. offsets], [.. words]);
    }

    public static CategorySets None { get; } = new([0], []);

    public int Count => Offsets.Length - 1;

    public ImmutableArray<int> Offsets { get; }

    public ImmutableArray<uint> Words { get; }

    /// <param name="set">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="category">0 or more.</param>
    public bool Contains(int set, int category)
    {
        var word = _offsets[set] + (category >> 5);
        return word < _offsets[set + 1] && (_words[word] >> (category & 31) & 1) != 0;
    }

    /// <summary>The categories of a set, ascending.</summary>
    public IEnumerable<int> Categories(int set)
    {
        for (var category = 0; category < (Offsets[set + 1] - Offsets[set]) * 32; category++)
        {
            if (Contains(set, category))
            {
                yield return category;
            }
        }
    }
}
