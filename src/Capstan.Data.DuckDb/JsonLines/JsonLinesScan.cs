using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Capstan.Data.DuckDb;

/// <summary>Reads the rows of a JSON lines file into columns.</summary>
sealed class JsonLinesScan : RowScan
{
    /// <summary>
    /// Where a text value lies in <see cref="_texts"/>, or a list in <see cref="_items"/>; a length of -1 is a missing one.
    /// </summary>
    readonly record struct TextSlice(int Start, int Length);

    readonly TextLines _lines;
    readonly ImmutableArray<Field> _columns;
    readonly FieldPaths _names;
    readonly FieldPath _path = new();
    readonly int[] _targets;
    readonly Cell[] _row;
    readonly TextSlice[] _slices;
    readonly long[] _seenOnLine;
    readonly CellText _cells;
    readonly BadRowTally _tally;
    // The items of the row's lists one after the other; a list's slice is of these.
    readonly List<TextSlice> _items = [];
    byte[] _texts = new byte[4096];
    byte[] _unescaped = new byte[256];
    int _textLength;
    int _expected;

    public JsonLinesScan(TextLines lines, ImmutableArray<Field> columns, Schema wanted, CellText cells, BadRowTally tally)
    {
        _lines = lines;
        _columns = columns;
        _cells = cells;
        _tally = tally;
        _names = new FieldPaths(columns.Select(column => column.Name));
        _targets = [.. columns.Select(column => wanted.IndexOf(column.Name))];
        _row = new Cell[columns.Length];
        _slices = new TextSlice[columns.Length];
        _seenOnLine = new long[columns.Length];
    }

    public override bool Fill(BatchBuilder target)
    {
        var rows = 0;
        while (rows < BatchRows && _lines.MoveNext())
        {
            if (TryReadRow())
            {
                AppendRow(target);
                rows++;
            }
        }

        return rows > 0;
    }

    public override void Dispose() => _lines.Dispose();

    bool TryReadRow()
    {
        var line = _lines.Line;
        if (_lines.IsTooLong)
        {
            return AddBroken(null, TextFaults.BoundedLength);
        }

        if (!Utf8.IsValid(line))
        {
            return AddBroken(null, TextFaults.ValidUtf8);
        }

        try
        {
            return ReadRow(line);
        }
        catch (JsonException problem)
        {
            return AddBroken(null, $"a JSON object (at byte {problem.BytePositionInLine + 1} of the line: {Reason(problem)})");
        }
        catch (InvalidOperationException)
        {
            return AddBroken(null, "valid Unicode escapes (half a surrogate pair is none)");
        }
    }

    bool ReadRow(ReadOnlySpan<byte> line)
    {
        Array.Fill(_row, Cell.Missing);
        Array.Fill(_slices, new TextSlice(0, -1));
        _textLength = 0;
        _items.Clear();
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return AddBroken(null, "a JSON object");
        }

        _path.Reset();
        _expected = 0;
        // What follows the object is refused by the reader.
        return ReadFields(ref reader, line) && !reader.Read();
    }

    /// <summary>
    /// The fields of an object, and of those within. Objects mostly name their fields in the same order, so the expected one is
    /// tried first.
    /// </summary>
    bool ReadFields(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var path = _path.Of(NameAt(ref reader));
            var column = _names.Find(path, _expected);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject && _names.IsObject(path))
            {
                var outer = _path.Enter(path);
                if (!ReadFields(ref reader, line))
                {
                    return false;
                }

                _path.Leave(outer);
            }
            else if (column < 0)
            {
                reader.Skip();
            }
            else if (!ReadField(ref reader, line, column))
            {
                return false;
            }
        }

        return true;
    }

    bool ReadField(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, int column)
    {
        if (_seenOnLine[column] == _lines.LineNumber)
        {
            return AddBroken(column, "every name once in an object");
        }

        _seenOnLine[column] = _lines.LineNumber;
        _expected = column + 1;
        return ReadValue(ref reader, line, column);
    }

    ReadOnlySpan<byte> NameAt(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (_unescaped.Length < reader.ValueSpan.Length)
        {
            _unescaped = new byte[reader.ValueSpan.Length * 2];
        }

        return _unescaped.AsSpan(0, reader.CopyString(_unescaped));
    }

    bool ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, int column)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        var type = _columns[column].Type;
        if (type == DataType.TextList && reader.TokenType == JsonTokenType.StartArray)
        {
            return ReadList(ref reader, column);
        }

        var slice = CopyValue(ref reader, line);
        var text = _texts.AsSpan(slice.Start, slice.Length);
        if (type == DataType.Text)
        {
            _slices[column] = reader.TokenType == JsonTokenType.String && slice.Length > 0 && _cells.IsMissing(text)
                ? new TextSlice(0, -1) : slice;
            return true;
        }

        return _cells.TryRead(text, type, out _row[column]) ||
            _tally.TryMakeMissing(_lines.LineNumber, _columns[column].Name, text, _cells.Expectation(type)) ||
            AddBroken(column, _cells.Expectation(type), Encoding.UTF8.GetString(text));
    }

    /// <summary>Copies a value's text behind the row's others: a string's content, or any other value as it is written.</summary>
    TextSlice CopyValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        var start = _textLength;
        if (reader.TokenType == JsonTokenType.String)
        {
            EnsureTexts(reader.ValueSpan.Length);
            _textLength += reader.CopyString(_texts.AsSpan(start));
            return new TextSlice(start, _textLength - start);
        }

        var first = (int)reader.TokenStartIndex;
        reader.Skip();
        var value = line[first..(int)reader.BytesConsumed];
        EnsureTexts(value.Length);
        value.CopyTo(_texts.AsSpan(start));
        _textLength += value.Length;
        return new TextSlice(start, value.Length);
    }

    /// <summary>The texts of an array; null among them is left out.</summary>
    bool ReadList(ref Utf8JsonReader reader, int column)
    {
        var first = _items.Count;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                _items.Add(CopyValue(ref reader, []));
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                return AddBroken(column, _cells.Expectation(DataType.TextList));
            }
        }

        _slices[column] = new TextSlice(first, _items.Count - first);
        return true;
    }

    void EnsureTexts(int count)
    {
        if (_textLength + count > _texts.Length)
        {
            Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _textLength + count));
        }
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
            if (_columns[column].Type is not (DataType.Text or DataType.TextList))
            {
                _row[column].AppendTo(builder);
            }
            else if (_slices[column].Length < 0)
            {
                builder.AppendMissing();
            }
            else if (builder.Type == DataType.TextList)
            {
                for (var item = _slices[column].Start; item < _slices[column].Start + _slices[column].Length; item++)
                {
                    builder.Items.Append(_texts.AsSpan(_items[item].Start, _items[item].Length));
                }

                builder.AppendList();
            }
            else
            {
                builder.Append(_texts.AsSpan(_slices[column].Start, _slices[column].Length));
            }
        }
    }

    /// <returns>Always false.</returns>
    bool AddBroken(int? column, string expected, string? found = null)
    {
        var line = _lines.Line;
        _tally.Add(
            _lines.LineNumber, column is int index ? _columns[index].Name : null, found ?? Encoding.UTF8.GetString(line),
            expected, line);
        return false;
    }

    /// <summary>The parser's words without the position, which counts from 0 and knows one line only.</summary>
    static string Reason(JsonException problem) => problem.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
}
