using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow.Ipc;
using Capstan.Data.Arrow;

namespace Capstan.Data.DuckDb;

/// <summary>Reads the rows of an Arrow file into columns.</summary>
sealed class ArrowScan : RowScan
{
    /// <param name="stored">What the file holds, as a type of ours.</param>
    /// <param name="type">What the data set's schema wants.</param>
    /// <param name="fileIndex">Its place in the file.</param>
    /// <param name="targetIndex">Its place in the batch; -1: read only to tell bad rows.</param>
    sealed class ReadColumn(string name, DataType stored, DataType type, int fileIndex, int targetIndex)
    {
        public string Name => name;

        public DataType Type => type;

        public int FileIndex => fileIndex;

        public int TargetIndex => targetIndex;

        public bool IsConverted => stored != type;

        public ArrowDecoder Decoder { get; } = new(stored);

        /// <summary>What is stored, where it is to be converted.</summary>
        public ColumnBuilder Stored { get; } = new(stored);

        public ColumnBuilder Converted { get; } = new(type);
    }

    // As lists stand in our own text files.
    static readonly JsonSerializerOptions ListForm = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly ArrowStreamReader _reader;
    readonly DataFilePath _path;
    readonly ReadColumn[] _columns;
    readonly CellText _cells;
    readonly BadRowTally _tally;
    readonly bool _isConverted;
    Apache.Arrow.RecordBatch? _batch;
    int _start;
    long _rowNumber;

    public ArrowScan(
        ArrowStreamReader reader, DataFilePath path, Schema file, Schema schema, Schema wanted, BadRowTally tally,
        ReadOptions options)
    {
        (_reader, _path, _tally) = (reader, path, tally);
        _cells = new CellText(options.MissingTexts, options.TimestampFormat);
        _columns =
        [
            .. file.Fields.Select((field, index) =>
                    new ReadColumn(field.Name, field.Type, schema[field.Name].Type, index, wanted.IndexOf(field.Name)))
                .Where(column => column.TargetIndex >= 0 || tally.ChecksEveryColumn && column.IsConverted),
        ];
        _isConverted = _columns.Any(column => column.IsConverted);
    }

    public override bool Fill(BatchBuilder target)
    {
        for (var appended = 0; appended == 0;)
        {
            if (_batch is null || _start == _batch.Length)
            {
                _batch?.Dispose();
                _batch = ArrowFile.Next(_reader, _path);
                _start = 0;
                if (_batch is null)
                {
                    return false;
                }
            }

            var count = Math.Min(BatchRows, _batch.Length - _start);
            appended = Append(target, _batch, count);
            _start += count;
            _rowNumber += count;
        }

        return true;
    }

    public override void Dispose()
    {
        _batch?.Dispose();
        _reader.Dispose();
    }

    /// <returns>How many rows: all but the bad ones.</returns>
    int Append(BatchBuilder target, Apache.Arrow.RecordBatch batch, int count)
    {
        if (!_isConverted)
        {
            foreach (var column in _columns)
            {
                column.Decoder.Append(batch.Column(column.FileIndex), _start, count, target.Columns[column.TargetIndex]);
            }

            return count;
        }

        var isBad = new bool[count];
        foreach (var column in _columns)
        {
            column.Stored.Clear();
            column.Decoder.Append(batch.Column(column.FileIndex), _start, count, column.Stored);
            Convert(column, isBad);
        }

        int[] good = [.. Enumerable.Range(0, count).Where(row => !isBad[row])];
        foreach (var column in _columns.Where(column => column.TargetIndex >= 0))
        {
            target.Columns[column.TargetIndex].AppendRows(
                column.IsConverted ? column.Converted.Column : column.Stored.Column, good);
        }

        return good.Length;
    }

    /// <summary>By way of text, as values of other files become what is declared.</summary>
    void Convert(ReadColumn column, bool[] isBad)
    {
        column.Converted.Clear();
        for (var row = 0; column.IsConverted && row < isBad.Length; row++)
        {
            if (!column.Stored.Column.IsPresent(row))
            {
                column.Converted.AppendMissing();
                continue;
            }

            var text = TextOf(column.Stored.Column, row, column.Type);
            if (column.Type == DataType.Text)
            {
                column.Converted.Append(text);
                continue;
            }

            var (bytes, number) = (Encoding.UTF8.GetBytes(text), _rowNumber + row + 1);
            var isRead = _cells.TryRead(bytes, column.Type, out var cell) ||
                _tally.TryMakeMissing(number, column.Name, bytes, _cells.Expectation(column.Type));
            cell.AppendTo(column.Converted);
            if (!isRead && !isBad[row])
            {
                AddWrongCell(column, number, text);
                isBad[row] = true;
            }
        }
    }

    static string TextOf(Column column, int row, DataType target) => column.Type switch
    {
        DataType.Boolean when target is DataType.Int64 or DataType.Float64 => column.BooleanAt(row) ? "1" : "0",
        DataType.Boolean => column.BooleanAt(row) ? "true" : "false",
        DataType.Timestamp => TimestampText.Format(column.Int64s[row]),
        DataType.Float64 when target == DataType.Int64 && Math.Truncate(column.Float64s[row]) == column.Float64s[row] =>
            ((Int128)column.Float64s[row]).ToString(CultureInfo.InvariantCulture),
        DataType.Float64 => NumberText.Of(column.Float64s[row]),
        DataType.Int64 => column.Int64s[row].ToString(CultureInfo.InvariantCulture),
        DataType.TextList => JsonSerializer.Serialize(column.ValueAt(row), ListForm),
        _ => Encoding.UTF8.GetString(column.TextAt(row)),
    };

    void AddWrongCell(ReadColumn column, long rowNumber, string found) => _tally.Add(
        rowNumber, column.Name, found, _cells.Expectation(column.Type),
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["row"] = rowNumber, [column.Name] = found }));
}
