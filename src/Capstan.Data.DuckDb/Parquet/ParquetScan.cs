using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Native;

namespace Capstan.Data.DuckDb;

/// <summary>Reads rows of a Parquet file into columns.</summary>
sealed class ParquetScan : RowScan
{
    public const string RowNumberColumn = "file_row_number";
    const int ChunkRows = 2048;

    /// <param name="targetIndex">Its place in the batch; -1: read only to tell bad rows.</param>
    sealed class ReadColumn(string name, DataType type, bool isFromText, int targetIndex)
    {
        public string Name => name;

        public DataType Type => type;

        public bool IsFromText => isFromText;

        public int TargetIndex => targetIndex;

        public Cell[] Cells { get; } = isFromText ? new Cell[ChunkRows] : [];
    }

    readonly DataFilePath _path;
    readonly DuckDbSession _session;
    readonly DuckDbRows _rows;
    readonly ImmutableArray<ReadColumn> _columns;
    readonly ImmutableArray<DuckDBType> _types;
    readonly bool _hasTextCells;
    readonly CellText _cells;
    readonly BadRowTally _tally;
    long _rowNumber;

    public ParquetScan(
        ParquetFile file, ImmutableArray<ParquetColumn> columns, FilePart part, Schema schema, Schema wanted, BadRowTally tally,
        ReadOptions options)
    {
        _path = file.Path;
        _tally = tally;
        _cells = new CellText(options.MissingTexts, options.TimestampFormat);
        _rowNumber = part.FirstRow;
        var read = columns.Where(column =>
            wanted.IndexOf(column.Name) >= 0 ||
            tally.ChecksEveryColumn && column.IsReadFromText(schema[column.Name].Type)).ToList();
        _columns =
        [
            .. read.Select(column => new ReadColumn(
                column.Name, schema[column.Name].Type, column.IsReadFromText(schema[column.Name].Type),
                wanted.IndexOf(column.Name))),
        ];
        _hasTextCells = _columns.Any(column => column.IsFromText);
        var sql = $"SELECT {string.Join(", ", read.Select(column => column.Expression(schema[column.Name].Type)))} FROM " +
            (file.Parts.Count == 1
                ? Table(_path)
                : $"{Table(_path, withRowNumbers: true)} WHERE {RowNumberColumn} >= {part.FirstRow} " +
                  $"AND {RowNumberColumn} < {part.FirstRow + part.RowCount}");
        try
        {
            _session = new DuckDbSession(options.ParquetMemoryBytes);
            _rows = _session.Query(sql);
        }
        catch (DuckDbException cause)
        {
            _session?.Dispose();
            throw ParquetFile.Unreadable(_path, cause);
        }

        _types = [.. Enumerable.Range(0, _columns.Length).Select(_rows.TypeOf)];
    }

    /// <summary>The file as a table. Folders called <c>year=2020</c> are just folders.</summary>
    public static string Table(DataFilePath path, bool withRowNumbers = false) =>
        $"read_parquet({Sql.FilePath(path.Path)}, hive_partitioning=false, " +
        $"{RowNumberColumn}={(withRowNumbers ? "true" : "false")})";

    public override bool Fill(BatchBuilder target)
    {
        if (_columns.IsEmpty)
        {
            return false;
        }

        var room = BatchRows;
        while (room >= ChunkRows && MoveNext())
        {
            room -= AppendChunk(target);
            _rowNumber += _rows.RowCount;
        }

        return room < BatchRows;
    }

    public override void Dispose()
    {
        _rows.Dispose();
        _session.Dispose();
    }

    bool MoveNext()
    {
        try
        {
            return _rows.MoveNext();
        }
        catch (DuckDbException cause)
        {
            throw ParquetFile.Unreadable(_path, cause);
        }
    }

    /// <summary>Appends the chunk's good rows, in runs between the bad ones.</summary>
    int AppendChunk(BatchBuilder target)
    {
        if (!_hasTextCells)
        {
            AppendRun(target, 0, _rows.RowCount);
            return _rows.RowCount;
        }

        var appended = 0;
        var start = 0;
        while (start < _rows.RowCount)
        {
            var end = start;
            while (end < _rows.RowCount && ReadTextCells(end))
            {
                end++;
            }

            AppendRun(target, start, end - start);
            appended += end - start;
            start = end + 1;
        }

        return appended;
    }

    /// <summary>Reads a row's cells that come as text; false where one is not of its type.</summary>
    bool ReadTextCells(int row)
    {
        for (var index = 0; index < _columns.Length; index++)
        {
            if (!_columns[index].IsFromText)
            {
                continue;
            }

            var vector = _rows.Column(index);
            if (!vector.IsPresent(row))
            {
                _columns[index].Cells[row] = Cell.Missing;
            }
            else if (!_cells.TryRead(vector.TextAt(row), _columns[index].Type, out _columns[index].Cells[row]) &&
                !_tally.TryMakeMissing(
                    _rowNumber + row + 1, _columns[index].Name, vector.TextAt(row), _cells.Expectation(_columns[index].Type)))
            {
                AddWrongCell(_columns[index], _rowNumber + row + 1, Encoding.UTF8.GetString(vector.TextAt(row)));
                return false;
            }
        }

        return true;
    }

    void AppendRun(BatchBuilder target, int start, int count)
    {
        for (var index = 0; count > 0 && index < _columns.Length; index++)
        {
            if (_columns[index].TargetIndex < 0)
            {
                continue;
            }

            var builder = target.Columns[_columns[index].TargetIndex];
            if (!_columns[index].IsFromText)
            {
                VectorDecoder.Append(_rows.Column(index), _types[index], start, count, builder);
                continue;
            }

            foreach (var cell in _columns[index].Cells.AsSpan(start, count))
            {
                cell.AppendTo(builder);
            }
        }
    }

    void AddWrongCell(ReadColumn column, long rowNumber, string found) => _tally.Add(
        rowNumber, column.Name, found, _cells.Expectation(column.Type),
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["row"] = rowNumber, [column.Name] = found }));
}
