using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Capstan.Data;

/// <summary>
/// Writes batches as one JSON object per line. Numbers are the shortest text that reads back as the same double (of a narrow
/// column, as the same single-precision float); timestamps are ISO 8601 text; lists are arrays; missing values are null. Not
/// thread-safe.
/// </summary>
public sealed class JsonLinesWriter : IBatchSink
{
    readonly Schema _schema;
    readonly AsideFile _file;
    readonly JsonEncodedText[] _names;
    readonly Utf8JsonWriter _writer;
    readonly bool[] _isNarrow;

    /// <param name="path">Where the file will be.</param>
    /// <param name="schema">The columns of every batch.</param>
    /// <param name="narrow">Columns whose numbers all are single-precision ones, and are written as such; null for none.</param>
    /// <exception cref="UnwritableFileException">The file can't be created.</exception>
    public JsonLinesWriter(string path, Schema schema, IReadOnlySet<string>? narrow = null)
        : this(schema, new AsideFile(path), narrow)
    {
    }

    internal JsonLinesWriter(Schema schema, AsideFile file, IReadOnlySet<string>? narrow = null)
    {
        _isNarrow = [.. schema.Names.Select(name => narrow?.Contains(name) ?? false)];
        _schema = schema;
        _file = file;
        // The file is JSON and nothing else: the characters that the default encoder escapes are a danger within HTML only.
        var encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        _names = [.. schema.Names.Select(name => JsonEncodedText.Encode(name, encoder))];
        _writer = new Utf8JsonWriter(file.Buffer, new JsonWriterOptions { Encoder = encoder });
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

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _file.DisposeAsync();
    }

    void WriteRow(ColumnBatch batch, int row)
    {
        _writer.Reset(_file.Buffer);
        _writer.WriteStartObject();
        for (var index = 0; index < _names.Length; index++)
        {
            _writer.WritePropertyName(_names[index]);
            WriteValue(batch.Columns[index], row, _isNarrow[index]);
        }

        _writer.WriteEndObject();
        _writer.Flush();
        _file.Buffer.GetSpan(1)[0] = (byte)'\n';
        _file.Buffer.Advance(1);
    }

    void WriteValue(Column column, int row, bool isNarrow)
    {
        if (!column.IsPresent(row))
        {
            _writer.WriteNullValue();
            return;
        }

        switch (column.Type)
        {
            case DataType.Int64:
                _writer.WriteNumberValue(column.Int64s[row]);
                break;
            case DataType.Float64 when isNarrow:
                _writer.WriteNumberValue((float)column.Float64s[row]);
                break;
            case DataType.Float64:
                NumberText.WriteTo(_writer, column.Float64s[row]);
                break;
            case DataType.Boolean:
                _writer.WriteBooleanValue(column.BooleanAt(row));
                break;
            case DataType.Timestamp:
                _writer.WriteStringValue(TimestampText.Format(column.Int64s[row]));
                break;
            case DataType.Text:
                _writer.WriteStringValue(column.TextAt(row));
                break;
            case DataType.TextList:
                ListJson.Write(_writer, column, row);
                break;
            default:
                throw new UnreachableException();
        }
    }
}
