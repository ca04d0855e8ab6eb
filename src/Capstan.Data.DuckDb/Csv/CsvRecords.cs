using System.Text.Unicode;

namespace Capstan.Data.DuckDb;

/// <summary>
/// Cuts CSV text into records and fields (RFC 4180; lines may end with LF or CR LF). A quote inside a field that does not
/// start with one is itself. Empty lines are no records where there are several columns, and one missing field where there
/// is one. After a broken record reading goes on with the next line, so that a forgotten quote costs its own line and not
/// the rest of the file.
/// </summary>
/// <remarks>Not thread-safe. Spans are valid until the next <see cref="MoveNext"/>.</remarks>
/// <param name="end">Records that start there or later are not read; one that starts before is read to its end.</param>
sealed class CsvRecords(TextWindow window, CsvDialect dialect, long end = long.MaxValue) : IDisposable
{
    readonly CsvPieces _pieces = new();
    byte[] _unquoted = [];
    long _nextLineNumber = 1;
    int _recordLength;

    /// <summary>Whether an empty line is a record of one empty field: set once the columns are known.</summary>
    public bool KeepsEmptyLines { get; set; }

    /// <summary>The 1-based line on which the record starts.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Where the next record (or an empty line before it) starts.</summary>
    public long EndPosition => window.Position + _recordLength;

    public CsvFault Fault { get; private set; }

    public int FieldCount => _pieces.Count;

    /// <summary>The record's bytes without the final line break; where it is broken, those of its first line.</summary>
    public ReadOnlySpan<byte> Raw => window.Unread[..RawLength];

    int RawLength { get; set; }

    /// <summary>Cuts the records that follow into a block, which may be empty; to be passed or read again.</summary>
    /// <returns>The text that the block's fields lie in.</returns>
    public ReadOnlySpan<byte> Cut(CsvBlock block, int most)
    {
        var text = window.Unread[_recordLength..];
        block.Cut(text, end - EndPosition, most);
        return text;
    }

    /// <summary>Goes behind the first records of what was last cut into a block.</summary>
    public void Pass(CsvBlock block, int rows)
    {
        var (bytes, lines) = block.LengthOf(rows);
        _recordLength += bytes;
        _nextLineNumber += lines;
    }

    /// <summary>Goes to the next record; false at the end of the file.</summary>
    public bool MoveNext()
    {
        window.Consume(_recordLength);
        _recordLength = 0;
        while (window.Position < end && TryFindLine(out var lineLength, out var breakLength))
        {
            LineNumber = _nextLineNumber;
            if (lineLength == 0 && !KeepsEmptyLines)
            {
                window.Consume(breakLength);
                _nextLineNumber++;
                continue;
            }

            Cut(lineLength, breakLength);
            return true;
        }

        return false;
    }

    /// <summary>One field's text, unquoted; valid until the next call.</summary>
    public ReadOnlySpan<byte> Field(int index)
    {
        var piece = _pieces[index];
        var text = window.Unread.Slice(piece.Start, piece.Length);
        return piece.HasDoubledQuotes ? dialect.HalveQuotes(text, ref _unquoted) : text;
    }

    public void Dispose() => window.Dispose();

    /// <summary>Finds the end of the line at the window's start: its length without and the length of its line break.</summary>
    bool TryFindLine(out int lineLength, out int breakLength)
    {
        var searched = 0;
        while (true)
        {
            var unread = window.Unread;
            var end = unread[searched..].IndexOf((byte)'\n');
            if (end >= 0 || !ExtendWindow(unread.Length, ref searched))
            {
                unread = window.Unread;
                lineLength = end >= 0 ? searched + end : unread.Length;
                breakLength = end >= 0 ? 1 : 0;
                if (lineLength > 0 && unread[lineLength - 1] == '\r')
                {
                    lineLength--;
                    breakLength++;
                }

                return end >= 0 || unread.Length > 0;
            }
        }
    }

    bool ExtendWindow(int length, ref int searched)
    {
        if (!window.Extend())
        {
            return false;
        }

        searched = length;
        return true;
    }

    void Cut(int lineLength, int breakLength)
    {
        _pieces.Clear();
        var line = window.Unread[..lineLength];
        if (breakLength == 0 && !window.IsAtEnd)
        {
            Fault = CsvFault.TooLong;
            RawLength = 0;
            _nextLineNumber++;
            window.SkipLine();
            return;
        }

        _nextLineNumber++;
        Fault = CsvFault.None;
        RawLength = lineLength;
        _recordLength = lineLength + breakLength;
        if (line.Contains(dialect.Quote))
        {
            CutQuoted(lineLength, breakLength);
        }
        else
        {
            _pieces.AddPlain(line, dialect.Delimiter);
        }

        if (Fault == CsvFault.None && !Utf8.IsValid(Raw))
        {
            Fault = CsvFault.NotUtf8;
        }
    }

    /// <summary>A record with quotes, which may reach over many lines.</summary>
    void CutQuoted(int lineLength, int breakLength)
    {
        var position = 0;
        while (true)
        {
            if (position < window.Unread.Length && window.Unread[position] == dialect.Quote)
            {
                var end = ClosingQuote(position + 1, out var hasDoubled);
                if (end < 0)
                {
                    Fault = CsvFault.UnclosedQuote;
                    break;
                }

                _pieces.Add(position + 1, end - position - 1, hasDoubled);
                position = end + 1;
            }
            else
            {
                var length = PlainLength(position);
                _pieces.Add(position, length, false);
                position += length;
            }

            if (EndsRecordAt(position, out var lineBreak))
            {
                EndRecord(position, lineBreak, lineLength);
                return;
            }

            if (window.Unread[position] != dialect.Delimiter)
            {
                Fault = CsvFault.TextAfterQuote;
                break;
            }

            position++;
        }

        // Broken: only the first line is given up; the next record starts on the second.
        _pieces.Clear();
        RawLength = lineLength;
        _recordLength = lineLength + breakLength;
    }

    /// <summary>
    /// The length of the field without quotes at a position. At a line's end its carriage return belongs to the line break.
    /// </summary>
    int PlainLength(int position)
    {
        var searched = position;
        while (true)
        {
            var length = window.Unread[searched..].IndexOfAny(dialect.Delimiter, (byte)'\n');
            if (length < 0 && ExtendWindow(window.Unread.Length, ref searched))
            {
                continue;
            }

            var unread = window.Unread;
            var end = length < 0 ? unread.Length : searched + length;
            var isLast = length < 0 || unread[end] == '\n';
            return (isLast && end > position && unread[end - 1] == '\r' ? end - 1 : end) - position;
        }
    }

    /// <summary>
    /// The position of the quote that ends the field whose text starts at <paramref name="start"/>; -1 where there is none.
    /// </summary>
    int ClosingQuote(int start, out bool hasDoubled)
    {
        hasDoubled = false;
        var position = start;
        while (true)
        {
            var next = window.Unread[position..].IndexOf(dialect.Quote);
            if (next < 0)
            {
                position = window.Unread.Length;
                if (!window.Extend())
                {
                    return -1;
                }

                continue;
            }

            position += next;
            if (position + 1 == window.Unread.Length)
            {
                window.Extend();
            }

            if (position + 1 == window.Unread.Length || window.Unread[position + 1] != dialect.Quote)
            {
                return position;
            }

            hasDoubled = true;
            position += 2;
        }
    }

    bool EndsRecordAt(int position, out int lineBreak)
    {
        // Room for CR LF, so that a CR alone is told from one whose LF has not been read yet.
        while (window.Unread.Length < position + 2 && window.Extend())
        {
        }

        var rest = window.Unread[position..];
        lineBreak = rest switch
        {
            [(byte)'\r', (byte)'\n', ..] => 2,
            [(byte)'\n', ..] => 1,
            [(byte)'\r'] => 1,
            _ => 0,
        };
        return lineBreak > 0 || rest.IsEmpty;
    }

    void EndRecord(int position, int lineBreak, int firstLineLength)
    {
        RawLength = position;
        _recordLength = position + lineBreak;
        if (position > firstLineLength)
        {
            _nextLineNumber += window.Unread[firstLineLength..position].Count((byte)'\n');
        }
    }
}
