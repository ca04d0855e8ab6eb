namespace Capstan.Data.DuckDb;

/// <summary>
/// Finds a place in the middle of a CSV file where a record starts for certain, without reading what comes before.
/// </summary>
/// <remarks>
/// A record starts at a line's start, so at any line's start there are two possibilities: a record starts there (A), or a record
/// from before reaches over it, within a quoted field (B). Both are read on, B by reading as if a quote stood before the line. Where B
/// turns out to be no record (text follows the closing quote, or none comes), A is certain; where both come to a record's start at the
/// same place, that place is certain, for what follows depends on it alone. In files whose quoted fields have no line breaks B fails within a
/// few bytes of the next quote, or for lack of one.
/// </remarks>
static class CsvBoundary
{
    /// <summary>How far to look for a place on which both agree.</summary>
    const long MaxDistance = 2L * TextWindow.MaxRecordBytes;

    /// <param name="wanted">A position in the file, not its beginning.</param>
    /// <param name="keepsEmptyLines">As the file's records are read.</param>
    /// <returns>The first certain start at or after it that was found; null where none is near.</returns>
    public static long? Find(DataFilePath path, CsvDialect dialect, long wanted, bool keepsEmptyLines)
    {
        if (TextParts.LineAfter(path, wanted) is not { } line)
        {
            return null;
        }

        using var begun = Records(TextFile.Open(path.Path, path.Name, line), path, dialect, keepsEmptyLines);
        using var text = TextFile.Open(path.Path, path.Name, line);
        using var open = Records(new JoinedStream(new MemoryStream([dialect.Quote]), text), path, dialect, keepsEmptyLines);
        if (!open.MoveNext() || open.Fault == CsvFault.TooLong)
        {
            return null;
        }

        if (open.Fault is CsvFault.UnclosedQuote or CsvFault.TextAfterQuote)
        {
            return line;
        }

        // The stream with the quote counts from 0 and is one byte ahead.
        var (certain, possible) = (line, line + open.EndPosition - 1);
        while (certain != possible && Math.Min(certain, possible) < line + MaxDistance)
        {
            if (certain < possible)
            {
                if (!begun.MoveNext())
                {
                    return null;
                }

                certain = begun.EndPosition;
            }
            else
            {
                if (!open.MoveNext())
                {
                    return null;
                }

                possible = line + open.EndPosition - 1;
            }
        }

        return certain == possible ? certain : null;
    }

    static CsvRecords Records(Stream stream, DataFilePath path, CsvDialect dialect, bool keepsEmptyLines) =>
        new(new TextWindow(stream, path.Name), dialect) { KeepsEmptyLines = keepsEmptyLines };
}
