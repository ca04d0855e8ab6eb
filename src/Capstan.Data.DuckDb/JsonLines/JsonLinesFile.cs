using System.Collections.Immutable;
using System.Text.Unicode;

namespace Capstan.Data.DuckDb;

/// <summary>
/// A file with one JSON object per line. Its columns are the names found in the sample, in the order of their first
/// appearance; a name that an object lacks is a missing value, names that the sample does not show are not read. Objects within
/// give columns named by their path (<c>user.age</c>); arrays are text.
/// </summary>
sealed class JsonLinesFile : DataFile
{
    /// <summary>Lines with ever other names are no table, and each column costs memory.</summary>
    const int MaxColumns = 65_536;

    readonly CellText _cells;
    readonly TextParts _parts;

    JsonLinesFile(DataFilePath path, TextParts parts, CellText cells, ImmutableArray<FoundColumn> columns)
        : base(path)
    {
        _parts = parts;
        _cells = cells;
        Columns = columns;
    }

    public override IReadOnlyList<FoundColumn> Columns { get; }

    public override IReadOnlyList<FilePart> Parts => _parts.Parts;

    public override bool HasRows => true;

    /// <exception cref="UnreadableDataException">None of the lines sampled is a JSON object with a name in it.</exception>
    public static JsonLinesFile Open(DataFilePath path, ReadOptions options, int sampleRows, CancellationToken cancellationToken)
    {
        var cells = new CellText(options.MissingTexts, options.TimestampFormat);
        var sample = new JsonSample(cells, options.Types);
        using var lines = new TextLines(new TextWindow(TextFile.Open(path.Path, path.Name), path.Name));
        var count = 0;
        for (; count < sampleRows && lines.MoveNext(); count++)
        {
            if ((count & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (count == 0 && lines.Line[0] == '[')
            {
                throw new UnreadableDataException(path.Name,
                    "it is a JSON array; write one object per line instead (jq -c '.[]'), " +
                    "so that it can be read without holding it in memory.");
            }

            if (!lines.IsTooLong && Utf8.IsValid(lines.Line))
            {
                sample.Observe(lines.Line);
            }
        }

        var columns = sample.Columns;
        if (columns.Count > MaxColumns)
        {
            throw new UnreadableDataException(path.Name,
                $"its first {count:N0} lines have {columns.Count:N0} different names; expected at most {MaxColumns:N0} columns.");
        }

        return columns.Count > 0
            ? new JsonLinesFile(
                path, new TextParts(path, options.TextPartBytes, wanted => TextParts.LineAfter(path, wanted)), cells,
                [.. columns])
            : throw new UnreadableDataException(path.Name, count == 0
                ? "it holds only empty lines; data needs at least one row."
                : $"none of its first {count:N0} lines is a JSON object such as {{\"name\": 1}}; " +
                    "check the file, or set its format.");
    }

    public override RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally)
    {
        Path.CheckUnchanged();
        tally.CountLinesFrom(() => _parts.LinesBefore(part));
        var lines = new TextLines(_parts.Open(part), part.EndByte ?? long.MaxValue);
        return new JsonLinesScan(lines, [.. Columns.Select(column => schema[column.Name])], wanted, _cells, tally);
    }
}
