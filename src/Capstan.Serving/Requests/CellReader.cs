using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads one JSON value into a column of a stated type, strictly: an integer may be written 3 or 3.0 but not 3.5 or "3".
/// Not thread-safe.
/// </summary>
sealed class CellReader(Schema inputs, ImmutableArray<ColumnBuilder> columns)
{
    // Beyond this, a double stands for several integers.
    const double LargestExactInteger = 9007199254740992;

    byte[] _unescaped = [];

    /// <summary>The text at the reader as UTF-8 bytes; valid until the next call.</summary>
    /// <exception cref="InvalidOperationException">An escape stands for a lone surrogate.</exception>
    public ReadOnlySpan<byte> Unescaped(ref Utf8JsonReader reader)
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

    /// <param name="reader">At the value; moved to its end.</param>
    /// <param name="index">The column.</param>
    /// <param name="instance">Where the value stands, for messages.</param>
    /// <exception cref="RefusedRequestException">The value is not of the column's type.</exception>
    public void Append(ref Utf8JsonReader reader, int index, int instance)
    {
        var column = columns[index];
        if (reader.TokenType == JsonTokenType.Null)
        {
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64:
                AppendNumber(ref reader, column, index, instance);
                break;
            case DataType.Int64:
                AppendInteger(ref reader, column, index, instance);
                break;
            case DataType.Text when reader.TokenType == JsonTokenType.String:
                column.Append(Unescaped(ref reader));
                break;
            case DataType.Text when reader.TokenType == JsonTokenType.StartObject:
                AppendBytes(ref reader, column, index, instance);
                break;
            case DataType.TextList when reader.TokenType == JsonTokenType.StartArray:
                AppendList(ref reader, column, index, instance);
                break;
            case DataType.Boolean when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                column.Append(reader.TokenType == JsonTokenType.True);
                break;
            case DataType.Timestamp when reader.TokenType == JsonTokenType.String:
                if (!TimestampText.TryParse(Unescaped(ref reader), out var microseconds))
                {
                    RefuseType(ref reader, index, instance);
                }

                column.Append(microseconds);
                break;
            default:
                RefuseType(ref reader, index, instance);
                break;
        }
    }

    /// <summary><c>{"b64":"…"}</c>, as clients of TensorFlow send bytes: here they are a text in UTF-8.</summary>
    void AppendBytes(ref Utf8JsonReader reader, ColumnBuilder column, int index, int instance)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("b64"u8) ||
            !reader.Read() || reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var bytes) ||
            !System.Text.Unicode.Utf8.IsValid(bytes) || !reader.Read() || reader.TokenType != JsonTokenType.EndObject)
        {
            throw new RefusedRequestException(RequestProblems.WrongType(
                instance, inputs.Fields[index], "an object that is not {\"b64\":\"…\"} with a text in UTF-8"));
        }

        column.Append(bytes);
    }

    /// <summary>The texts of an array; null among them is left out.</summary>
    void AppendList(ref Utf8JsonReader reader, ColumnBuilder column, int index, int instance)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                column.Items.Append(Unescaped(ref reader));
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                RefuseType(ref reader, index, instance);
            }
        }

        column.AppendList();
    }

    void AppendNumber(ref Utf8JsonReader reader, ColumnBuilder column, int index, int instance)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            RefuseType(ref reader, index, instance);
        }

        if (!reader.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            RefuseRange(ref reader, index, instance);
        }

        column.Append(number);
    }

    void AppendInteger(ref Utf8JsonReader reader, ColumnBuilder column, int index, int instance)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            RefuseType(ref reader, index, instance);
        }

        if (!reader.TryGetInt64(out var integer))
        {
            var number = reader.GetDouble();
            if (double.IsFinite(number) && Math.Truncate(number) != number)
            {
                RefuseType(ref reader, index, instance);
            }

            if (!(Math.Abs(number) <= LargestExactInteger))
            {
                RefuseRange(ref reader, index, instance);
            }

            integer = (long)number;
        }

        column.Append(integer);
    }

    /// <summary>What stands at the reader, in words.</summary>
    public static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Number => $"the number {RequestProblems.Excerpt(reader.ValueSpan)}",
        JsonTokenType.String => $"the text \"{RequestProblems.Excerpt(reader.ValueSpan)}\"",
        _ => throw new UnreachableException(),
    };

    [DoesNotReturn]
    void RefuseType(ref Utf8JsonReader reader, int index, int instance) =>
        throw new RefusedRequestException(RequestProblems.WrongType(instance, inputs.Fields[index], Describe(ref reader)));

    [DoesNotReturn]
    void RefuseRange(ref Utf8JsonReader reader, int index, int instance) =>
        throw new RefusedRequestException(RequestProblems.OutOfRange(instance, inputs.Fields[index], Describe(ref reader)));
}
