using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>A Parquet file. Its row groups are read in runs of about half a million rows.</summary>
sealed class ParquetFile : DataFile
{
    const long RowsPerPart = 500_000;

    readonly ImmutableArray<ParquetColumn> _columns;
    readonly ReadOptions _options;

    ParquetFile(DataFilePath path, ReadOptions options, ImmutableArray<ParquetColumn> columns, ImmutableArray<FilePart> parts)
        : base(path)
    {
        _columns = columns;
        _options = options;
        Columns = [.. columns.Select(column => new FoundColumn(column.Name, column.Type))];
        Parts = parts;
    }

    public override IReadOnlyList<FoundColumn> Columns { get; }

    public override IReadOnlyList<FilePart> Parts { get; }

    public override bool HasRows => Parts.Sum(part => part.RowCount) > 0;

    /// <summary>Reads columns and row groups from the file's end.</summary>
    /// <exception cref="UnreadableDataException">It is no Parquet file, or truncated.</exception>
    public static ParquetFile Open(DataFilePath path, ReadOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var session = new DuckDbSession(options.ParquetMemoryBytes);
            var columns = ReadColumns(session, path);
            return new ParquetFile(path, options, columns, columns.Any(column => column.Name == ParquetScan.RowNumberColumn)
                ? [Whole(RowGroups(session, path))]
                : Parted(RowGroups(session, path)));
        }
        catch (DuckDbException cause)
        {
            throw Unreadable(path, cause);
        }
    }

    public override RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally)
    {
        Path.CheckUnchanged();
        return new ParquetScan(this, _columns, part, schema, wanted, tally, _options);
    }

    /// <summary>A part's rows as a table, with a column that numbers the file's rows from 0 where it is asked for.</summary>
    /// <exception cref="UnreadableDataException">The file is not what it was.</exception>
    public string RowsOf(FilePart part, bool isNumbered)
    {
        Path.CheckUnchanged();
        return Parts.Count == 1 || part.RowCount is not { } count
            ? ParquetScan.Table(Path, isNumbered)
            : $"{ParquetScan.Table(Path, withRowNumbers: true)} WHERE {ParquetScan.RowNumberColumn} >= {part.FirstRow} " +
              $"AND {ParquetScan.RowNumberColumn} < {part.FirstRow + count}";
    }

    /// <summary>All rows as a table.</summary>
    /// <exception cref="UnreadableDataException">The file is not what it was.</exception>
    public string AllRows()
    {
        Path.CheckUnchanged();
        return ParquetScan.Table(Path);
    }

    /// <summary>Whether rows can be numbered: the number's column has a name that no column of the file may have.</summary>
    public bool CanNumberRows => _columns.All(column => column.Name != ParquetScan.RowNumberColumn);

    /// <summary>One of its columns, in the very type that a relation promises (<see cref="ISqlSource.RelationOf"/>).</summary>
    /// <exception cref="PushdownException">Its cells come as text and are read one by one here.</exception>
    public string ValueOf(Field field)
    {
        var column = _columns.First(each => each.Name == field.Name);
        if (column.IsReadFromText(field.Type))
        {
            throw new PushdownException(
                $"column '{field.Name}' of {Path.Name}",
                $"it is stored as {Schema.NameOf(column.Type)} and declared as {Schema.NameOf(field.Type)}, so that each cell may be " +
                "wrong and is read here; leave the type out, or store the column with it.");
        }

        return column.ExactExpression(field.Type);
    }

    public static UnreadableDataException Unreadable(DataFilePath path, DuckDbException cause) => new(
        path.Name,
        cause.Message.Contains("Out of Memory", StringComparison.OrdinalIgnoreCase)
            ? $"reading needs more memory than allowed ({cause.Message.ReplaceLineEndings(" ").Trim()}). " +
              "Raise ParquetMemoryBytes, or write the " +
              "file with smaller row groups."
            : path.Length == 0
                ? "it is empty; a Parquet file has at least a header and a footer."
                : $"it is no Parquet file, or truncated or damaged ({FirstLine(cause.Message)}). " +
                  "Fetch or write it again, or set the format if it has another.",
        cause);

    static string FirstLine(string text) => text.Trim().Split('\n')[0].TrimEnd();

    static ImmutableArray<ParquetColumn> ReadColumns(DuckDbSession session, DataFilePath path)
    {
        var names = new List<(string Name, bool IsTextList)>();
        using (var described = session.Query(
            $"SELECT column_name, column_type = '{ParquetColumn.TextListName}' FROM (DESCRIBE SELECT * FROM {ParquetScan.Table(path)})"))
        {
            while (described.MoveNext())
            {
                for (var row = 0; row < described.RowCount; row++)
                {
                    names.Add((System.Text.Encoding.UTF8.GetString(described.Column(0).TextAt(row)),
                        described.Column(1).Values<byte>()[row] != 0));
                }
            }
        }

        using var empty = session.Query($"SELECT * FROM {ParquetScan.Table(path)} LIMIT 0");
        var columns = names.Select((column, index) => new ParquetColumn(
            column.Name, empty.TypeOf(index), column.IsTextList ? DataType.TextList
                : ParquetColumn.DefaultType(empty.TypeOf(index))));
        return [.. columns.Select(column => Fits(column, session, path))];
    }

    /// <summary>Unsigned 64-bit integers stay integers where the file's largest fits, and are numbers otherwise.</summary>
    static ParquetColumn Fits(ParquetColumn column, DuckDbSession session, DataFilePath path)
    {
        if (column.Stored != DuckDB.NET.Native.DuckDBType.UnsignedBigInt)
        {
            return column;
        }

        using var rows = session.Query(
            $"SELECT coalesce(max({Sql.Identifier(column.Name)}) <= {long.MaxValue}, true) FROM {ParquetScan.Table(path)}");
        return rows.MoveNext() && rows.Column(0).Values<byte>()[0] != 0 ? column : column with { Type = DataType.Float64 };
    }

    static List<long> RowGroups(DuckDbSession session, DataFilePath path)
    {
        var groups = new List<long>();
        using var rows = session.Query(
            $"SELECT CAST(any_value(row_group_num_rows) AS BIGINT) FROM parquet_metadata({Sql.FilePath(path.Path)}) " +
            "GROUP BY row_group_id ORDER BY row_group_id");
        while (rows.MoveNext())
        {
            groups.AddRange(rows.Column(0).Values<long>());
        }

        return groups;
    }

    static FilePart Whole(List<long> groups) => new(0, groups.Sum());

    static ImmutableArray<FilePart> Parted(List<long> groups)
    {
        var parts = ImmutableArray.CreateBuilder<FilePart>();
        var first = 0L;
        var count = 0L;
        foreach (var rows in groups)
        {
            count += rows;
            if (count >= RowsPerPart)
            {
                parts.Add(new FilePart(first, count));
                first += count;
                count = 0;
            }
        }

        if (count > 0 || parts.Count == 0)
        {
            parts.Add(new FilePart(first, count));
        }

        return parts.ToImmutable();
    }
}
