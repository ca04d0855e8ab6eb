namespace Capstan.Data.DuckDb;

/// <summary>Cuts text into lines that are not blank. Spans are valid until the next <see cref="MoveNext"/>.</summary>
/// <param name="end">Lines that start there or later are not read.</param>
sealed class TextLines(TextWindow window, long end = long.MaxValue) : IDisposable
{
    int _lineLength;
    long _nextLineNumber = 1;

    /// <summary>1-based.</summary>
    public long LineNumber { get; private set; }

    /// <summary>
    /// Without surrounding spaces and line break; where it is longer than <see cref="TextWindow.MaxRecordBytes"/>, its first
    /// part.
    /// </summary>
    public ReadOnlySpan<byte> Line => window.Unread[.._lineLength].Trim(" \t\r\n"u8);

    public bool IsTooLong { get; private set; }

    public bool MoveNext()
    {
        do
        {
            if (IsTooLong)
            {
                window.SkipLine();
                IsTooLong = false;
            }
            else
            {
                window.Consume(_lineLength);
            }

            _lineLength = window.Position < end ? FindLength() : 0;
            LineNumber = _nextLineNumber++;
        }
        while (_lineLength > 0 && Line.IsEmpty);
        return _lineLength > 0;
    }

    public void Dispose() => window.Dispose();

    /// <summary>The length of the next line with its line break; 0 at the end of the file.</summary>
    int FindLength()
    {
        var searched = 0;
        while (true)
        {
            var end = window.Unread[searched..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                return searched + end + 1;
            }

            searched = window.Unread.Length;
            if (!window.Extend())
            {
                IsTooLong = searched > 0 && !window.IsAtEnd;
                return searched;
            }
        }
    }
}
