using System.Collections.Immutable;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>
/// Reads the rows of a CSV file into columns: in blocks as long as nothing is odd about them, and row by row where something is.
/// </summary>
sealed class CsvScan : RowScan
{
    readonly CsvRecords _records;
    readonly ImmutableArray<Field> _columns;
    readonly int[] _targets;
    readonly bool[] _isChecked;
    readonly Cell[] _row;
    readonly CellText _cells;
    readonly BadRowTally _tally;
    readonly CsvBlockRows? _blocks;

    /// <param name="columns">The file's columns, in its order, with the types of the data set.</param>
    /// <param name="blocks">Reads many rows at a time where that is possible; null: it never is.</param>
    public CsvScan(
        CsvRecords records, ImmutableArray<Field> columns, Schema wanted, CellText cells, BadRowTally tally, CsvBlock? blocks)
    {
        _records = records;
        _columns = columns;
        _cells = cells;
        _tally = tally;
        _row = new Cell[columns.Length];
        _targets = [.. columns.Select(column => wanted.IndexOf(column.Name))];
        _isChecked = [.. columns.Select((column, index) => column.Type != DataType.Text &&
            (_targets[index] >= 0 || tally.ChecksEveryColumn))];
        _blocks = blocks is null ? null : new CsvBlockRows(records, blocks, columns, _targets, _isChecked, cells);
    }

    public override bool Fill(BatchBuilder target)
    {
        var rows = 0;
        while (true)
        {
            rows += _blocks?.Fill(target, BatchRows - rows) ?? 0;
            if (rows == BatchRows || !_records.MoveNext())
            {
                break;
            }

            if (_tally.EndsAtFirst)
            {
                ReadInto(target);
                rows++;
            }
            else if (ReadRow())
            {
                AppendRow(target);
                rows++;
            }
        }

        return rows > 0;
    }

    public override void Dispose() => _records.Dispose();

    /// <summary>Where the first bad row ends the reading, cells need not wait for the rest of their row.</summary>
    void ReadInto(BatchBuilder target)
    {
        if (_records.Fault != CsvFault.None || _records.FieldCount != _columns.Length)
        {
            AddBrokenRecord();
        }

        for (var column = 0; column < _targets.Length; column++)
        {
            if (_targets[column] < 0)
            {
                continue;
            }

            var text = _records.Field(column);
            var builder = target.Columns[_targets[column]];
            switch (builder.Type)
            {
                case DataType.Float64 when NumberText.TryParse(text, out double number):
                    builder.Append(number);
                    break;
                case DataType.Int64 when NumberText.TryParse(text, out long integer):
                    builder.Append(integer);
                    break;
                case DataType.Text when _cells.IsMissing(text):
                    builder.AppendMissing();
                    break;
                case DataType.Text:
                    builder.Append(text);
                    break;
                default:
                    AppendCell(column, builder);
                    break;
            }
        }
    }

    void AppendCell(int column, ColumnBuilder target)
    {
        if (!_cells.TryRead(_records.Field(column), target.Type, out var cell))
        {
            AddWrongCell(column);
        }

        cell.AppendTo(target);
    }

    bool ReadRow()
    {
        if (_records.Fault != CsvFault.None || _records.FieldCount != _columns.Length)
        {
            AddBrokenRecord();
            return false;
        }

        for (var column = 0; column < _columns.Length; column++)
        {
            if (_isChecked[column] && !_cells.TryRead(_records.Field(column), _columns[column].Type, out _row[column]) &&
                !_tally.TryMakeMissing(
                    _records.LineNumber, _columns[column].Name, _records.Field(column),
                    _cells.Expectation(_columns[column].Type)))
            {
                AddWrongCell(column);
                return false;
            }
        }

        return true;
    }

    void AppendRow(BatchBuilder target)
    {
        for (var column = 0; column < _columns.Length; column++)
        {
            if (_targets[column] < 0)
            {
                continue;
            }

            var builder = target.Columns[_targets[column]];
            if (_columns[column].Type != DataType.Text)
            {
                _row[column].AppendTo(builder);
                continue;
            }

            var text = _records.Field(column);
            if (_cells.IsMissing(text))
            {
                builder.AppendMissing();
            }
            else
            {
                builder.Append(text);
            }
        }
    }

    void AddBrokenRecord()
    {
        var raw = _records.Raw;
        var expected = _records.Fault != CsvFault.None
            ? CsvFaults.Expectation(_records.Fault)
            : $"{_columns.Length} fields, as the header has; the row has {_records.FieldCount}";
        _tally.Add(_records.LineNumber, null, Encoding.UTF8.GetString(raw), expected, raw);
    }

    void AddWrongCell(int column) => _tally.Add(
        _records.LineNumber, _columns[column].Name, Encoding.UTF8.GetString(_records.Field(column)),
        _cells.Expectation(_columns[column].Type),
        _records.Raw);
}
