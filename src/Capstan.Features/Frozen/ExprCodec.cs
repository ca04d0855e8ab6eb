using System.Diagnostics;
using System.Formats.Cbor;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Expressions as CBOR: each node an array that begins with the node's numeric tag, followed by its fields in order. Tags and
/// the numbers of the enumerations are never reused, so that every released artifact stays readable.
/// </summary>
static class ExprCodec
{
    /// <summary>Bounds the stack that hostile input can use.</summary>
    const int MaxDepth = 256;

    public static void Write(CborWriter writer, Expr expr)
    {
        switch (expr)
        {
            case ColumnExpr e:
                Begin(1, 1);
                writer.WriteTextString(e.Name);
                break;
            case NumberExpr e:
                Begin(2, 1);
                writer.WriteDouble(e.Value);
                break;
            case TextExpr e:
                Begin(3, 1);
                writer.WriteTextString(e.Value);
                break;
            case UnaryExpr e:
                Begin(4, 2);
                writer.WriteInt32((int)e.Operator);
                Write(writer, e.Operand);
                break;
            case BinaryExpr e:
                Begin(5, 3);
                writer.WriteInt32((int)e.Operator);
                Write(writer, e.Left);
                Write(writer, e.Right);
                break;
            case IfExpr e:
                Begin(6, 3);
                Write(writer, e.Condition);
                Write(writer, e.Then);
                Write(writer, e.Otherwise);
                break;
            case IsMissingExpr e:
                Begin(7, 1);
                Write(writer, e.Operand);
                break;
            case ImputeExpr e:
                Begin(8, 2);
                Write(writer, e.Operand);
                Write(writer, e.Fallback);
                break;
            case TimePartExpr e:
                Begin(9, 2);
                writer.WriteInt32((int)e.Part);
                Write(writer, e.Operand);
                break;
            case BucketizeExpr { Boundaries: FixedBoundaries boundaries } e:
                Begin(10, 2);
                WriteList(boundaries.Values, writer.WriteDouble);
                Write(writer, e.Operand);
                break;
            case VocabularyExpr { Terms: FixedTerms terms } e:
                Begin(11, 3);
                WriteList(terms.Values, writer.WriteTextString);
                writer.WriteInt32(terms.UnknownBuckets);
                Write(writer, e.Operand);
                break;
            case HashExpr e:
                Begin(12, 3);
                writer.WriteInt32(e.Buckets);
                writer.WriteUInt32(e.Seed);
                Write(writer, e.Operand);
                break;
            case CrossExpr e:
                Begin(13, 3);
                writer.WriteInt32(e.Buckets);
                writer.WriteUInt32(e.Seed);
                WriteList(e.Operands, operand => Write(writer, operand));
                break;
            default:
                throw new UnreachableException($"'{expr}' is not frozen.");
        }

        writer.WriteEndArray();

        void Begin(int tag, int fields)
        {
            writer.WriteStartArray(fields + 1);
            writer.WriteInt32(tag);
        }

        void WriteList<T>(ValueList<T> list, Action<T> write)
        {
            writer.WriteStartArray(list.Count);
            foreach (var item in list)
            {
                write(item);
            }

            writer.WriteEndArray();
        }
    }

    /// <exception cref="CorruptStateException">The bytes are no expression that this program knows.</exception>
    public static Expr Read(CborReader reader, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw Corrupt($"it nests deeper than {MaxDepth}");
        }

        var fields = reader.ReadStartArray();
        var tag = reader.ReadInt32();
        Expr expr = tag switch
        {
            1 => new ColumnExpr(reader.ReadTextString()),
            2 => new NumberExpr(Finite(reader.ReadDouble())),
            3 => new TextExpr(reader.ReadTextString()),
            4 => new UnaryExpr(Known<UnaryOperator>(reader.ReadInt32()), Inner()),
            5 => new BinaryExpr(Known<BinaryOperator>(reader.ReadInt32()), Inner(), Inner()),
            6 => new IfExpr(Inner(), Inner(), Inner()),
            7 => new IsMissingExpr(Inner()),
            8 => new ImputeExpr(Inner(), Inner()),
            9 => new TimePartExpr(Known<TimePart>(reader.ReadInt32()), Inner()),
            10 => Swap(new FixedBoundaries(List(() => Finite(reader.ReadDouble()))), boundaries => new BucketizeExpr(Inner(), boundaries)),
            11 => Swap(new FixedTerms(List(reader.ReadTextString), reader.ReadInt32()), terms => new VocabularyExpr(Inner(), terms)),
            12 => Swap((reader.ReadInt32(), reader.ReadUInt32()), options => new HashExpr(Inner(), options.Item1, options.Item2)),
            13 => Swap((reader.ReadInt32(), reader.ReadUInt32()), options => new CrossExpr(List(Inner), options.Item1, options.Item2)),
            _ => throw Corrupt($"it holds a node with the unknown tag {tag}; a newer Capstan may have written it"),
        };
        reader.ReadEndArray();
        return fields is > 1 and <= 4 ? expr : throw Corrupt($"a node has {fields} fields");

        Expr Inner() => Read(reader, depth + 1);

        // Options stand before operands in the bytes; the first argument is read before the second runs.
        static Expr Swap<T>(T options, Func<T, Expr> build) => build(options);

        ValueList<T> List<T>(Func<T> read)
        {
            var count = reader.ReadStartArray() ?? throw Corrupt("a list has no length");
            // Every item takes at least one byte, so a claimed length beyond the bytes that are there is refused at once.
            if (count > reader.BytesRemaining)
            {
                throw Corrupt($"a list claims {count:N0} items in {reader.BytesRemaining:N0} bytes");
            }

            var items = new T[count];
            for (var index = 0; index < count; index++)
            {
                items[index] = read();
            }

            reader.ReadEndArray();
            return [.. items];
        }
    }

    static T Known<T>(int number)
        where T : struct, Enum
    {
        var value = (byte)number;
        return value == number && Enum.IsDefined(Unsafe.As<byte, T>(ref value))
            ? Unsafe.As<byte, T>(ref value)
            : throw Corrupt($"{typeof(T).Name} has no number {number}");
    }

    static double Finite(double value) => double.IsFinite(value) ? value : throw Corrupt($"it holds the number {value}");

    static CorruptStateException Corrupt(string problem) => new("expression", problem);
}
