using System.Diagnostics;
using System.Text;

namespace Capstan.Data;

/// <summary>
/// One column of a batch in Arrow's layout: a validity bitmap (bit set = value present), fixed-width values, and for text
/// UTF-8 bytes with <c>Length + 1</c> offsets; lists have <c>Length + 1</c> offsets into the column of all their items. A missing
/// value's slot holds 0 (text and lists: an empty range) and means nothing.
/// </summary>
/// <remarks>A column is a view of its builder's memory: it is valid until the builder is cleared.</remarks>
public sealed class Column
{
    internal ulong[] ValidityWords = [];
    internal long[] Words = [];
    internal double[] Doubles = [];
    internal ulong[] Bits = [];
    internal int[] Offsets = [0];
    internal byte[] Bytes = [];

    readonly Column? _items;

    internal Column(DataType type, Column? items = null) => (Type, _items) = (type, items);

    public DataType Type { get; }

    public int Length { get; internal set; }

    public int MissingCount { get; internal set; }

    /// <summary>[⌈Length / 64⌉] words, least significant bit first; a set bit means present.</summary>
    public ReadOnlySpan<ulong> Validity => ValidityWords.AsSpan(0, (Length + 63) >> 6);

    /// <summary>[Length] values of an <see cref="DataType.Int64"/> or <see cref="DataType.Timestamp"/> column.</summary>
    public ReadOnlySpan<long> Int64s => Words.AsSpan(0, Require(Type is DataType.Int64 or DataType.Timestamp));

    /// <summary>[Length] values of a <see cref="DataType.Float64"/> column, all finite.</summary>
    public ReadOnlySpan<double> Float64s => Doubles.AsSpan(0, Require(Type is DataType.Float64));

    /// <summary>[⌈Length / 64⌉] words of a <see cref="DataType.Boolean"/> column.</summary>
    public ReadOnlySpan<ulong> Booleans => Bits.AsSpan(0, (Require(Type is DataType.Boolean) + 63) >> 6);

    /// <summary>[Length + 1] offsets into <see cref="TextBytes"/> of a <see cref="DataType.Text"/> column.</summary>
    public ReadOnlySpan<int> TextOffsets => Offsets.AsSpan(0, Require(Type is DataType.Text) + 1);

    /// <summary>The UTF-8 bytes of all values, one after the other.</summary>
    public ReadOnlySpan<byte> TextBytes => Bytes.AsSpan(0, Offsets[Require(Type is DataType.Text)]);

    /// <summary>[Length + 1] offsets into <see cref="Items"/> of a <see cref="DataType.TextList"/> column.</summary>
    public ReadOnlySpan<int> ListOffsets => Offsets.AsSpan(0, Require(Type is DataType.TextList) + 1);

    /// <summary>The texts of all lists, one after the other, all present, of a <see cref="DataType.TextList"/> column.</summary>
    public Column Items => _items ?? throw new InvalidOperationException($"A {Type} column was read as one of lists.");

    public bool IsPresent(int row) => (ValidityWords[row >> 6] >> (row & 63) & 1) != 0;

    public bool BooleanAt(int row) => (Bits[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>The UTF-8 bytes of one value; empty where it is missing.</summary>
    public ReadOnlySpan<byte> TextAt(int row) => Bytes.AsSpan(Offsets[row], Offsets[row + 1] - Offsets[row]);

    /// <summary>
    /// One value as an object (long, double, bool, string, a timestamp's DateTime, or a list's string[]); null where it is
    /// missing. For people and tests; slow.
    /// </summary>
    public object? ValueAt(int row) => !IsPresent(row) ? null : Type switch
    {
        DataType.Int64 => Words[row],
        DataType.Float64 => Doubles[row],
        DataType.Boolean => BooleanAt(row),
        DataType.Text => Encoding.UTF8.GetString(TextAt(row)),
        DataType.Timestamp => Timestamps.ToDateTime(Words[row]),
        DataType.TextList => Enumerable.Range(Offsets[row], Offsets[row + 1] - Offsets[row])
            .Select(item => Encoding.UTF8.GetString(Items.TextAt(item))).ToArray(),
        _ => throw new UnreachableException(),
    };

    int Require(bool typeFits) =>
        typeFits ? Length : throw new InvalidOperationException($"A {Type} column was read as another type.");
}
