using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Capstan.Data;

/// <summary>
/// Writes batches as CSV (RFC 4180) with a header line, lines ending in LF. Numbers are the shortest text that reads back as
/// the same double (of a narrow column, as the same single-precision float); timestamps are ISO 8601; lists are JSON arrays; a
/// missing value is an empty field, and so is an empty text (CSV can't tell them apart). Not thread-safe.
/// </summary>
public sealed class CsvWriter : IBatchSink
{
    const int MaxNumberBytes = 32;

    readonly Schema _schema;
    readonly AsideFile _file;
    readonly byte _delimiter;
    readonly SearchValues<byte> _needQuotes;
    readonly bool[] _isNarrow;

    /// <param name="path">Where the file will be.</param>
    /// <param name="schema">The columns of every batch.</param>
    /// <param name="delimiter">An ASCII character.</param>
    /// <param name="narrow">Columns whose numbers all are single-precision ones, and are written as such; null for none.</param>
    /// <exception cref="UnwritableFileException">The file can't be created.</exception>
    public CsvWriter(string path, Schema schema, char delimiter = ',', IReadOnlySet<string>? narrow = null)
        : this(schema, delimiter, new AsideFile(path), narrow)
    {
    }

    internal CsvWriter(Schema schema, char delimiter, AsideFile file, IReadOnlySet<string>? narrow = null)
    {
        _isNarrow = [.. schema.Names.Select(name => narrow?.Contains(name) ?? false)];
        _schema = schema;
        _file = file;
        _delimiter = (byte)delimiter;
        _needQuotes = SearchValues.Create([(byte)delimiter, (byte)'"', (byte)'\r', (byte)'\n']);
        WriteHeader();
    }

    public async ValueTask WriteAsync(ColumnBatch batch, CancellationToken cancellationToken)
    {
        BatchSchemas.Check(batch, _schema);
        cancellationToken.ThrowIfCancellationRequested();
        for (var row = 0; row < batch.RowCount; row++)
        {
            WriteRow(batch, row);
            await _file.FlushWhenFullAsync(cancellationToken);
        }
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => _file.CompleteAsync(cancellationToken);

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    void WriteHeader()
    {
        for (var column = 0; column < _schema.Fields.Length; column++)
        {
            WriteText(Encoding.UTF8.GetBytes(_schema.Fields[column].Name));
            WriteByte(column + 1 < _schema.Fields.Length ? _delimiter : (byte)'\n');
        }
    }

    void WriteRow(ColumnBatch batch, int row)
    {
        for (var column = 0; column < batch.Columns.Length; column++)
        {
            if (batch.Columns[column].IsPresent(row))
            {
                WriteValue(batch.Columns[column], row, _isNarrow[column]);
            }
            else if (batch.Columns.Length == 1)
            {
                // An empty line would be no row for many readers.
                _file.Buffer.Write("\"\""u8);
            }

            WriteByte(column + 1 < batch.Columns.Length ? _delimiter : (byte)'\n');
        }
    }

    void WriteValue(Column column, int row, bool isNarrow)
    {
        switch (column.Type)
        {
            case DataType.Int64:
                WriteNumber(column.Int64s[row], default);
                break;
            case DataType.Float64 when isNarrow:
                WriteNumber((float)column.Float64s[row], "R");
                break;
            case DataType.Float64:
                WriteNumber(column.Float64s[row], NumberText.FormatOf(column.Float64s[row]));
                break;
            case DataType.Boolean:
                _file.Buffer.Write(column.BooleanAt(row) ? "true"u8 : "false"u8);
                break;
            case DataType.Timestamp:
                WriteText(Encoding.ASCII.GetBytes(TimestampText.Format(column.Int64s[row])));
                break;
            case DataType.Text:
                WriteText(column.TextAt(row));
                break;
            case DataType.TextList:
                WriteText(ListJson.Of(column, row));
                break;
            default:
                throw new UnreachableException();
        }
    }

    void WriteNumber<T>(T value, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(_file.Buffer.GetSpan(MaxNumberBytes), out var length, format, CultureInfo.InvariantCulture);
        _file.Buffer.Advance(length);
    }

    /// <summary>
    /// Text that holds what separates fields, or begins or ends with a space (which readers may trim), stands in quotes.
    /// </summary>
    void WriteText(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text[0] != ' ' && text[^1] != ' ' && !text.ContainsAny(_needQuotes))
        {
            _file.Buffer.Write(text);
            return;
        }

        WriteByte((byte)'"');
        while (text.IndexOf((byte)'"') is >= 0 and var quote)
        {
            _file.Buffer.Write(text[..(quote + 1)]);
            WriteByte((byte)'"');
            text = text[(quote + 1)..];
        }

        _file.Buffer.Write(text);
        WriteByte((byte)'"');
    }

    void WriteByte(byte value)
    {
        _file.Buffer.GetSpan(1)[0] = value;
        _file.Buffer.Advance(1);
    }
}
