using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>What a sample of one column's cells says about its type.</summary>
/// <remarks>
/// A column is of a type if nine in ten of its present cells are, so that a few broken cells make bad rows (which are reported)
/// and not a column of text (which would go unnoticed). Numbers with a fraction anywhere make all of them numbers.
/// </remarks>
sealed class TypeEvidence(CellText cells)
{
    long _present;
    long _integers;
    long _numbers;
    long _booleans;
    long _timestamps;
    long _lists;

    /// <summary>A cell of a file whose cells are all text (CSV).</summary>
    public void ObserveText(ReadOnlySpan<byte> text)
    {
        var trimmed = text.Trim((byte)' ');
        if (cells.IsMissing(text) || CellWords.IsMissing(trimmed))
        {
            return;
        }

        if (NumberText.TryParse(trimmed, out double _))
        {
            ObserveNumber(NumberText.TryParse(trimmed, out long _));
        }
        else if (Ascii.EqualsIgnoreCase(trimmed, "true"u8) || Ascii.EqualsIgnoreCase(trimmed, "false"u8))
        {
            ObserveBoolean();
        }
        else
        {
            ObserveString(trimmed);
        }
    }

    public void ObserveNumber(bool isInteger)
    {
        _present++;
        _numbers++;
        _integers += isInteger ? 1 : 0;
    }

    public void ObserveBoolean()
    {
        _present++;
        _booleans++;
    }

    /// <summary>A cell that is neither a number nor true or false.</summary>
    public void ObserveString(ReadOnlySpan<byte> text)
    {
        _present++;
        _timestamps += cells.TryReadTimestamp(text, out _) ? 1 : 0;
    }

    /// <summary>An array of texts.</summary>
    public void ObserveList()
    {
        _present++;
        _lists++;
    }

    /// <summary>The type; null where no cell was present.</summary>
    public DataType? Conclude() =>
        _present == 0 ? null :
        IsMost(_numbers) ? _integers == _numbers ? DataType.Int64 : DataType.Float64 :
        IsMost(_booleans) ? DataType.Boolean :
        IsMost(_lists) ? DataType.TextList :
        IsMost(_timestamps) ? DataType.Timestamp :
        DataType.Text;

    bool IsMost(long count) => count * 10 >= _present * 9;
}
