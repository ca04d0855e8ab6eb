using System.Collections.Frozen;
using System.Globalization;

namespace Capstan.Data;

/// <summary>
/// What normalisation knows of each code point, by Unicode 17.0: its combining class, what it decomposes into, and what two
/// compose to. Our own table, because programs with InvariantGlobalization normalise nothing: docs/decisions/0101.
/// </summary>
/// <remarks>Read once from normalization.txt when first used (a few milliseconds). Immutable.</remarks>
sealed class UnicodeData
{
    const int BlockBits = 7;

    static readonly Lazy<UnicodeData> Loaded = new(() => new UnicodeData());

    // Entries of 128 code points each; most blocks are the one empty block 0.
    readonly ushort[] _blocks = new ushort[0x110000 >> BlockBits];
    readonly List<Entry> _entries = [.. new Entry[1 << BlockBits]];
    readonly List<int[]> _decompositions = [[]];
    readonly FrozenDictionary<long, int> _compositions;

    UnicodeData()
    {
        using var file = typeof(UnicodeData).Assembly.GetManifestResourceStream(
            "normalization.txt")!; // embedded by the project file
        using var lines = new StreamReader(file);
        var compositions = new Dictionary<long, int>();
        while (lines.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                Add(line.Split(' '), compositions);
            }
        }

        _compositions = compositions.ToFrozenDictionary();
    }

    public static UnicodeData Known => Loaded.Value;

    /// <summary>The canonical combining class; 0 for a starter.</summary>
    public byte CombiningClass(int point) => EntryOf(point).Class;

    /// <summary>
    /// The full decomposition; empty where the code point stands for itself. Hangul syllables are not in the table.
    /// </summary>
    public ReadOnlySpan<int> Decomposition(int point, bool isCompatible)
    {
        var entry = EntryOf(point);
        return _decompositions[isCompatible && entry.Compatible > 0 ? entry.Compatible : entry.Canonical];
    }

    /// <summary>The primary composite of two code points, or −1. Hangul syllables are not in the table.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault((long)first << 32 | (uint)second, -1);

    static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    Entry EntryOf(int point) => _entries[(_blocks[point >> BlockBits] << BlockBits) + (point & ((1 << BlockBits) - 1))];

    void Add(string[] words, Dictionary<long, int> compositions)
    {
        var point = Point(words[0]);
        switch (words[1])
        {
            case "^":
                Set(point, entry => entry with { Class = byte.Parse(words[2], CultureInfo.InvariantCulture) });
                break;
            case "+":
                compositions.Add((long)point << 32 | (uint)Point(words[2]), Point(words[3]));
                break;
            default:
                var index = (ushort)_decompositions.Count;
                _decompositions.Add([.. words.Skip(2).Select(Point)]);
                Set(point, entry => words[1] == "=" ? entry with { Canonical = index } : entry with { Compatible = index });
                break;
        }
    }

    void Set(int point, Func<Entry, Entry> change)
    {
        if (_blocks[point >> BlockBits] == 0)
        {
            _blocks[point >> BlockBits] = (ushort)(_entries.Count >> BlockBits);
            _entries.AddRange(new Entry[1 << BlockBits]);
        }

        var index = (_blocks[point >> BlockBits] << BlockBits) + (point & ((1 << BlockBits) - 1));
        _entries[index] = change(_entries[index]);
    }

    /// <summary>The decompositions are indexes; 0 is none.</summary>
    readonly record struct Entry(byte Class, ushort Canonical, ushort Compatible);
}
