using System.Text;

namespace Capstan.Data;

/// <summary>Numbers a column's values as they come, as long as they are few.</summary>
sealed class CategoryCodes
{
    /// <summary>A column with more different values is no category here.</summary>
    public const int MostValues = 50;

    readonly ByteTable _values = new();

    public int Count => _values.Count;

    /// <summary>Whether there were more values; then nothing is said of the column.</summary>
    public bool IsFull { get; private set; }

    public string TextAt(int code) => Encoding.UTF8.GetString(_values.SpanAt(code));

    public ReadOnlySpan<byte> this[int code] => _values.SpanAt(code);

    /// <summary>The value's number; −1 where it has none any more.</summary>
    public int CodeOf(ReadOnlySpan<byte> value)
    {
        var hash = ValueHash.Of(value);
        var code = _values.Find(value, hash);
        if (code >= 0)
        {
            return code;
        }

        if (_values.Count == MostValues)
        {
            IsFull = true;
            return -1;
        }

        _values.Add(value, hash, 0);
        return _values.Count - 1;
    }

    /// <summary>The numbers here of another column's values, by their numbers there.</summary>
    public int[] Absorb(CategoryCodes other)
    {
        var codes = new int[other.Count];
        for (var code = 0; code < codes.Length; code++)
        {
            codes[code] = CodeOf(other[code]);
        }

        IsFull |= other.IsFull;
        return codes;
    }
}
