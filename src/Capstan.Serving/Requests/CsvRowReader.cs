using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads CSV records (RFC 4180) into columns, cells by the rules by which files are read: an empty cell is missing, and what stands for a truth
/// or for "missing" is <see cref="CellWords"/>'. Allocates nothing once it has seen its longest record. Not thread-safe.
/// </summary>
sealed class CsvRowReader
{
    readonly Schema _inputs;
    readonly FieldPaths _names;
    readonly BatchBuilder _builder;
    readonly CellReader _cells;

    // Of each field of a record, the input that it fills; -1 for a column of the training data that the model does not use.
    readonly List<int> _targets = [];
    byte[] _unquoted = [];

    /// <param name="inputs">The columns to fill.</param>
    /// <param name="names">The names of the inputs in order, then those of columns to skip.</param>
    public CsvRowReader(Schema inputs, FieldPaths names)
    {
        (_inputs, _names) = (inputs, names);
        _builder = new BatchBuilder(inputs);
        _cells = new CellReader(inputs, _builder.Columns);
    }

    public ColumnBatch Batch => _builder.Batch;

    /// <summary>Forgets the rows, and keeps what the header said.</summary>
    public void Clear() => _builder.Clear();

    /// <summary>Looks at the first record of a body.</summary>
    /// <param name="isHeader">Whether it must be a header (true), can't be one (false), or is one if it names columns (null).</param>
    /// <returns>Whether it is a header; if not, it is yet to be added.</returns>
    /// <exception cref="RefusedRequestException">It must be a header, and names an unknown column, or one twice, or not every input.</exception>
    public bool Begin(ReadOnlySpan<byte> record, bool? isHeader)
    {
        _builder.Clear();
        if (isHeader is not false && TryReadHeader(record, isHeader is true))
        {
            return true;
        }

        _targets.Clear();
        _targets.AddRange(Enumerable.Range(0, _inputs.Fields.Length));
        return false;
    }

    /// <param name="number">The row's number from 0, for messages.</param>
    /// <exception cref="RefusedRequestException">The record is not what the model takes.</exception>
    public void Add(ReadOnlySpan<byte> record, int number)
    {
        if (!Utf8.IsValid(record))
        {
            Refuse(RequestProblems.NotUtf8(JsonDiagnosis.FirstInvalid(record)));
        }

        var rest = TrimEnd(number == 0 ? WithoutMark(record) : record);
        for (var field = 0; field < _targets.Count; field++)
        {
            if (!TryTakeField(ref rest, out var cell))
            {
                Refuse(RequestProblems.BrokenCsv(number, "quotes that do not enclose a whole field"));
            }

            var isLast = field == _targets.Count - 1;
            if (isLast != rest.IsEmpty)
            {
                Refuse(RequestProblems.BrokenCsv(number, isLast
                    ? $"more than {_targets.Count} fields" : $"{field + 1} fields, expected {_targets.Count}"));
            }

            rest = isLast ? rest : rest[1..];
            if (_targets[field] >= 0)
            {
                Append(cell, _targets[field], number);
            }
        }
    }

    bool TryReadHeader(ReadOnlySpan<byte> record, bool isRequired)
    {
        _targets.Clear();
        var rest = TrimEnd(WithoutMark(record));
        while (true)
        {
            if (!TryTakeField(ref rest, out var name))
            {
                return isRequired ? throw new RefusedRequestException(RequestProblems.BrokenCsvHeader()) : false;
            }

            var index = _names.Find(name, _targets.Count);
            if (index < 0)
            {
                return isRequired
                    ? throw new RefusedRequestException(RequestProblems.UnknownInput(Encoding.UTF8.GetString(name), _inputs)) : false;
            }

            if (index < _inputs.Fields.Length && _targets.Contains(index))
            {
                Refuse(RequestProblems.InputTwice(_inputs.Fields[index].Name));
            }

            _targets.Add(index < _inputs.Fields.Length ? index : -1);
            if (rest.IsEmpty)
            {
                break;
            }

            rest = rest[1..];
        }

        for (var index = 0; index < _inputs.Fields.Length; index++)
        {
            if (!_targets.Contains(index))
            {
                Refuse(RequestProblems.MissingInput(_inputs.Fields[index]));
            }
        }

        return true;
    }

    /// <summary>Takes a field, and leaves the comma behind it.</summary>
    /// <returns>False where there are quotes in the wrong place.</returns>
    bool TryTakeField(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> field)
    {
        if (rest is not [(byte)'"', ..])
        {
            var end = rest.IndexOf((byte)',');
            field = end < 0 ? rest : rest[..end];
            rest = rest[field.Length..];
            return !field.Contains((byte)'"');
        }

        if (_unquoted.Length < rest.Length)
        {
            _unquoted = new byte[rest.Length * 2];
        }

        var length = 0;
        for (var at = 1; at < rest.Length; at++)
        {
            if (rest[at] == (byte)'"' && !rest[(at + 1)..].StartsWith((byte)'"'))
            {
                field = _unquoted.AsSpan(0, length);
                rest = rest[(at + 1)..];
                return rest.IsEmpty || rest[0] == (byte)',';
            }

            at += rest[at] == (byte)'"' ? 1 : 0;
            _unquoted[length++] = rest[at];
        }

        field = [];
        return false;
    }

    void Append(ReadOnlySpan<byte> cell, int index, int row)
    {
        var column = _builder.Columns[index];
        if (column.Type == DataType.Text)
        {
            if (cell.IsEmpty)
            {
                column.AppendMissing();
            }
            else
            {
                column.Append(cell);
            }

            return;
        }

        cell = cell.Trim((byte)' ');
        if (CellWords.IsMissing(cell))
        {
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64 when NumberText.TryParse(cell, out double number) && double.IsFinite(number):
                column.Append(number);
                break;
            case DataType.Int64 when NumberText.TryParse(cell, out long integer):
                column.Append(integer);
                break;
            case DataType.Boolean when CellWords.TryReadBoolean(cell, out var truth):
                column.Append(truth);
                break;
            case DataType.Timestamp when TimestampText.TryParse(cell, out var microseconds):
                column.Append(microseconds);
                break;
            case DataType.TextList when cell is [(byte)'[', ..]:
                AppendList(cell, index, row);
                break;
            default:
                Refuse(RequestProblems.WrongType(row, _inputs.Fields[index], $"the text \"{RequestProblems.Excerpt(cell)}\""));
                break;
        }
    }

    /// <summary>A list stands in its field as a JSON array.</summary>
    void AppendList(ReadOnlySpan<byte> json, int index, int row)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            _cells.Append(ref reader, index, row);
            reader.Read();
        }
        catch (JsonException problem)
        {
            Refuse(JsonDiagnosis.Of(problem, json, reader.BytesConsumed, row, _inputs.Fields[index].Name));
        }
        catch (InvalidOperationException)
        {
            Refuse(RequestProblems.InvalidText(row, _inputs.Fields[index].Name));
        }
    }

    /// <summary>Without the byte order mark that a file may begin with.</summary>
    static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> record) =>
        record.StartsWith("\uFEFF"u8) ? record["\uFEFF"u8.Length..] : record;

    static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> record) => record is [.., (byte)'\r'] ? record[..^1] : record;

    [DoesNotReturn]
    static void Refuse(Problem problem) => throw new RefusedRequestException(problem);
}
