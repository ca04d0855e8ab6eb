using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>Reads values out of text cells: what the files of one data set agree on.</summary>
sealed class CellText(ImmutableArray<string> missingTexts, string? timestampFormat)
{
    readonly byte[][] _missing = [.. missingTexts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether the text stands for "missing" in any column.</summary>
    public bool IsMissing(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        foreach (var missing in _missing)
        {
            if (text.SequenceEqual(missing))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a value of any type but text. Spaces around it do not count.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, DataType type, out Cell cell)
    {
        text = text.Trim((byte)' ');
        cell = Cell.Missing;
        switch (type)
        {
            case DataType.Int64 when NumberText.TryParse(text, out long integer):
                cell = Cell.Of(integer);
                return true;
            case DataType.Float64 when NumberText.TryParse(text, out double number):
                cell = Cell.Of(number);
                return true;
            case DataType.Boolean when CellWords.TryReadBoolean(text, out var flag):
                cell = Cell.Of(flag);
                return true;
            case DataType.Timestamp when TryReadTimestamp(text, out var microseconds):
                cell = Cell.Of(microseconds);
                return true;
            default:
                return CellWords.IsMissing(text) || IsMissing(text);
        }
    }

    public bool TryReadTimestamp(ReadOnlySpan<byte> text, out long microseconds)
    {
        if (timestampFormat is null)
        {
            return TimestampText.TryParse(text, out microseconds);
        }

        Span<char> characters = stackalloc char[64];
        microseconds = 0;
        if (text.Length > characters.Length || !Encoding.UTF8.TryGetChars(text, characters, out var length) ||
            !DateTime.TryParseExact(
                characters[..length], timestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal,
                out var time))
        {
            return false;
        }

        microseconds = Timestamps.FromDateTime(time);
        return true;
    }

    /// <summary>What a cell of the type looks like, and what to do if the column is of another one.</summary>
    public string Expectation(DataType type) => type switch
    {
        DataType.Int64 => "an integer of 64 bits (or declare the column as number or text)",
        DataType.Float64 => "a number (or declare the column as text)",
        DataType.TextList => "an array of texts (or declare the column as text)",
        DataType.Boolean => "true or false (or declare the column as text)",
        DataType.Timestamp when timestampFormat is not null =>
            $"a timestamp of the form {timestampFormat} (or declare the column as text)",
        DataType.Timestamp =>
            "a timestamp such as 2001-03-31 or 2001-03-31T23:59:30 (or declare the column as text, or give the timestamps' form)",
        _ => "text",
    };
}
