using System.Runtime.InteropServices;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads bodies that programs write, <c>{"instances":[{…},{…}]}</c> whose instances have the same plain fields in the same order, several times
/// faster than <see cref="InstanceReader"/>, which is its reference: what is read here is read there, to the same bits. It gives up at whatever
/// is not plain (an escape, an object or list as a value, another member, another order, any mistake), and then the reference reads the body
/// from its beginning. Not thread-safe.
/// </summary>
/// <param name="inputs">The columns to fill.</param>
/// <param name="names">The names of the inputs in order, then those of columns to skip.</param>
sealed class UniformReader(Schema inputs, FieldPaths names, BatchBuilder builder)
{
    readonly ColumnBuilder[] _columns = [.. builder.Columns];

    // Columns to skip may come any number of times; a body of nothing else is not worth learning.
    readonly int _mostFields = 64 + 2 * inputs.Fields.Length;

    // The fields of the first instance in their order: where each name with its quotes ends in their bytes, and its column; -1 for one to skip.
    readonly List<(int NameEnd, int Column)> _fields = [];
    byte[] _fieldNames = [];

    /// <param name="body">Valid UTF-8.</param>
    /// <returns>False where the reference has to read it; the columns then hold what is worth nothing.</returns>
    public bool TryRead(ReadOnlySpan<byte> body)
    {
        var at = 0;
        if (!JsonScan.Take(body, ref at, (byte)'{') || !TakeMember(body, ref at) || !JsonScan.Take(body, ref at, (byte)'['))
        {
            return false;
        }

        if (!JsonScan.Take(body, ref at, (byte)']'))
        {
            for (var isFirst = true; ; isFirst = false)
            {
                if (!(isFirst ? TryReadFirst(body, ref at) : TryReadNext(body, ref at)))
                {
                    return false;
                }

                if (!JsonScan.Take(body, ref at, (byte)','))
                {
                    break;
                }
            }

            if (!JsonScan.Take(body, ref at, (byte)']'))
            {
                return false;
            }
        }

        return JsonScan.Take(body, ref at, (byte)'}') && JsonScan.SkipSpace(body, at) == body.Length;
    }

    static bool TakeMember(ReadOnlySpan<byte> body, ref int at)
    {
        at = JsonScan.SkipSpace(body, at);
        var member = "\"instances\""u8;
        if (!body[at..].StartsWith(member))
        {
            return false;
        }

        at += member.Length;
        return JsonScan.Take(body, ref at, (byte)':');
    }

    /// <summary>Learns the fields' order, which is the last body's as a rule.</summary>
    bool TryReadFirst(ReadOnlySpan<byte> body, ref int at)
    {
        var begin = at;
        if (_fields.Count > 0 && TryReadNext(body, ref at))
        {
            return true;
        }

        // A value of that instance may have been read before its order was found to be another.
        builder.Clear();
        if (TryLearn(body, begin))
        {
            return TryReadNext(body, ref at, begin);
        }

        // The next body would else be read by an order that lacks inputs.
        _fields.Clear();
        return false;
    }

    bool TryLearn(ReadOnlySpan<byte> body, int at)
    {
        _fields.Clear();
        var (length, filled) = (0, 0);
        if (!JsonScan.Take(body, ref at, (byte)'{'))
        {
            return false;
        }

        do
        {
            at = JsonScan.SkipSpace(body, at);
            var begin = at;
            if (!JsonScan.TryTakeText(body, ref at, out var name))
            {
                return false;
            }

            var index = names.Find(name, _fields.Count);
            if (index < 0 || names.IsObject(name) || _fields.Count == _mostFields)
            {
                return false;
            }

            Learn(body[begin..at], ref length, index < inputs.Fields.Length ? index : -1);
            filled += index < inputs.Fields.Length ? 1 : 0;
            if (!JsonScan.Take(body, ref at, (byte)':') || !TrySkipValue(body, ref at))
            {
                return false;
            }
        }
        while (JsonScan.Take(body, ref at, (byte)','));

        // As many as there are inputs, and none twice.
        return filled == inputs.Fields.Length && !HasTwice();
    }

    void Learn(ReadOnlySpan<byte> quotedName, ref int length, int column)
    {
        if (_fieldNames.Length < length + quotedName.Length)
        {
            Array.Resize(ref _fieldNames, 2 * (length + quotedName.Length));
        }

        quotedName.CopyTo(_fieldNames.AsSpan(length));
        length += quotedName.Length;
        _fields.Add((length, column));
    }

    bool HasTwice()
    {
        for (var field = 0; field < _fields.Count; field++)
        {
            for (var other = 0; other < field; other++)
            {
                if (_fields[field].Column == _fields[other].Column && _fields[field].Column >= 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    bool TryReadNext(ReadOnlySpan<byte> body, ref int at, int begin)
    {
        at = begin;
        return TryReadNext(body, ref at);
    }

    bool TryReadNext(ReadOnlySpan<byte> body, ref int at)
    {
        if (!JsonScan.Take(body, ref at, (byte)'{'))
        {
            return false;
        }

        var fields = CollectionsMarshal.AsSpan(_fields);
        ReadOnlySpan<byte> quotedNames = _fieldNames;
        var nameStart = 0;
        for (var field = 0; field < fields.Length; field++)
        {
            if (field > 0 && !JsonScan.Take(body, ref at, (byte)','))
            {
                return false;
            }

            at = JsonScan.SkipSpace(body, at);
            var (nameEnd, column) = fields[field];
            var name = quotedNames[nameStart..nameEnd];
            nameStart = nameEnd;
            if (!body[at..].StartsWith(name))
            {
                return false;
            }

            at += name.Length;
            if (!JsonScan.Take(body, ref at, (byte)':'))
            {
                return false;
            }

            if (!(column < 0 ? TrySkipValue(body, ref at) : TryReadValue(body, ref at, _columns[column])))
            {
                return false;
            }
        }

        return JsonScan.Take(body, ref at, (byte)'}');
    }

    static bool TryReadValue(ReadOnlySpan<byte> body, ref int at, ColumnBuilder column)
    {
        at = JsonScan.SkipSpace(body, at);
        if (at >= body.Length)
        {
            return false;
        }

        switch (body[at])
        {
            case (byte)'"' when column.Type is DataType.Text:
                if (!JsonScan.TryTakeText(body, ref at, out var text))
                {
                    return false;
                }

                column.Append(text);
                return true;
            case (byte)'"' when column.Type is DataType.Timestamp:
                if (!JsonScan.TryTakeText(body, ref at, out text) || !TimestampText.TryParse(text, out var microseconds))
                {
                    return false;
                }

                column.Append(microseconds);
                return true;
            case (byte)'t' when column.Type is DataType.Boolean && JsonScan.TakeWord(body, ref at, "true"u8):
                column.Append(true);
                return true;
            case (byte)'f' when column.Type is DataType.Boolean && JsonScan.TakeWord(body, ref at, "false"u8):
                column.Append(false);
                return true;
            case (byte)'n' when JsonScan.TakeWord(body, ref at, "null"u8):
                column.AppendMissing();
                return true;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9') when column.Type is DataType.Float64:
                if (!JsonScan.TryTakeNumber(body, ref at, out var number))
                {
                    return false;
                }

                column.Append(number);
                return true;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9') when column.Type is DataType.Int64:
                if (!JsonScan.TryTakeInteger(body, ref at, out var integer))
                {
                    return false;
                }

                column.Append(integer);
                return true;
            default:
                return false;
        }
    }

    static bool TrySkipValue(ReadOnlySpan<byte> body, ref int at)
    {
        at = JsonScan.SkipSpace(body, at);
        return at < body.Length && body[at] switch
        {
            (byte)'"' => JsonScan.TryTakeText(body, ref at, out _),
            (byte)'t' => JsonScan.TakeWord(body, ref at, "true"u8),
            (byte)'f' => JsonScan.TakeWord(body, ref at, "false"u8),
            (byte)'n' => JsonScan.TakeWord(body, ref at, "null"u8),
            _ => JsonScan.TryTakeNumber(body, ref at, out _),
        };
    }
}
