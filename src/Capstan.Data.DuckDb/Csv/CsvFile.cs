using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>A file of separated values.</summary>
sealed class CsvFile : DataFile
{
    readonly CsvDialect _dialect;
    readonly bool _hasHeader;
    readonly CellText _cells;
    readonly TextParts _parts;
    readonly bool _readsBlocks;

    CsvFile(DataFilePath path, TextParts parts, CsvDialect dialect, bool hasHeader, CellText cells, ImmutableArray<FoundColumn> columns,
        bool hasRows, bool readsBlocks)
        : base(path)
    {
        _parts = parts;
        _dialect = dialect;
        _hasHeader = hasHeader;
        _cells = cells;
        Columns = columns;
        HasRows = hasRows;
        _readsBlocks = readsBlocks;
    }

    public override IReadOnlyList<FoundColumn> Columns { get; }

    public override IReadOnlyList<FilePart> Parts => _parts.Parts;

    public override bool HasRows { get; }

    /// <summary>Reads the header and a sample.</summary>
    /// <exception cref="UnreadableDataException">It is no CSV file, or its header names no columns.</exception>
    public static CsvFile Open(DataFilePath path, ReadOptions options, int sampleRows, CancellationToken cancellationToken)
    {
        var cells = new CellText(options.MissingTexts, options.TimestampFormat);
        var hasHeader = options.ColumnNames.IsEmpty;
        using var window = new TextWindow(TextFile.Open(path.Path, path.Name), path.Name);
        var dialect = FindDialect(window, path, options);
        using var records = new CsvRecords(window, dialect);
        var names = hasHeader ? CsvHeader.Read(records, path.Name) : options.ColumnNames;
        records.KeepsEmptyLines = names.Length == 1;

        var evidence = names.Select(_ => new TypeEvidence(cells)).ToArray();
        var rows = 0;
        var fitting = 0;
        for (; rows < sampleRows && records.MoveNext(); rows++)
        {
            if ((rows & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (records.Fault == CsvFault.None && records.FieldCount == names.Length)
            {
                fitting++;
                for (var column = 0; column < names.Length; column++)
                {
                    evidence[column].ObserveText(records.Field(column));
                }
            }
        }

        if (rows > 0 && fitting == 0)
        {
            throw new UnreadableDataException(path.Name,
                $"its header has {names.Length} columns " +
                $"({string.Join(", ", names.Take(5))}{(names.Length > 5 ? ", …" : "")}), but none of the " +
                $"first {rows:N0} rows has as many fields. Is it a CSV file " +
                $"with a header, and is '{(char)dialect.Delimiter}' its delimiter? " +
                "Set the delimiter or the format if not.");
        }

        var parts = new TextParts(path, options.TextPartBytes, wanted => CsvBoundary.Find(path, dialect, wanted, names.Length == 1));
        return new CsvFile(
            path, parts, dialect, hasHeader, cells,
            [.. names.Select((name, column) => new FoundColumn(name, evidence[column].Conclude()))], rows > 0, options.ReadsBlocks);
    }

    public override RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally)
    {
        Path.CheckUnchanged();
        tally.CountLinesFrom(() => _parts.LinesBefore(part));
        var records = new CsvRecords(_parts.Open(part), _dialect, part.EndByte ?? long.MaxValue);
        if (_hasHeader && part.FirstByte == 0)
        {
            records.MoveNext();
        }

        records.KeepsEmptyLines = Columns.Count == 1;
        return new CsvScan(
            records, [.. Columns.Select(column => schema[column.Name])], wanted, _cells, tally,
            _readsBlocks ? new CsvBlock(_dialect, Columns.Count) : null);
    }

    static CsvDialect FindDialect(TextWindow window, DataFilePath path, ReadOptions options)
    {
        var quote = (byte)options.Quote;
        if ((options.Delimiter ?? (IsTabSeparated(path) ? '\t' : null)) is char delimiter)
        {
            return new CsvDialect((byte)delimiter, quote);
        }

        var lineLength = -1;
        while ((lineLength = FirstLineLength(window.Unread)) < 0 && window.Extend())
        {
        }

        return new CsvDialect(CsvDialect.DelimiterOf(lineLength < 0 ? window.Unread : window.Unread[..lineLength], quote), quote);
    }

    static bool IsTabSeparated(DataFilePath path) =>
        DataFileFormats.WithoutCompression(path.Name).EndsWith(".tsv", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where the first line with content ends; -1 where that is not in the window.</summary>
    static int FirstLineLength(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        var length = start < 0 ? -1 : text[start..].IndexOf((byte)'\n');
        return length < 0 ? -1 : start + length;
    }
}
