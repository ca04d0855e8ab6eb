using System.Diagnostics;
using System.Formats.Cbor;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Expressions as CBOR: an array of nodes, operands before the node that takes them (reverse Polish notation); each node an
/// array of its numeric tag and its own fields. Tags and the numbers of the enumerations are never reused, so that every
/// released artifact stays readable. Flat, because CBOR readers limit nesting: see docs/decisions/0070.
/// </summary>
static class ExprCodec
{
    public static void Write(CborWriter writer, Expr expr)
    {
        writer.WriteStartArray(CountNodes(expr));
        WriteNodes(writer, expr);
        writer.WriteEndArray();
    }

    /// <exception cref="CorruptStateException">The bytes are no expression that this program knows.</exception>
    public static Expr Read(CborReader reader)
    {
        var operands = new Stack<Expr>();
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            operands.Push(ReadNode(reader, operands));
        }

        reader.ReadEndArray();
        return operands.Count == 1 ? operands.Pop()
            : throw Corrupt($"{operands.Count} operands are left where one value was expected");
    }

    static int CountNodes(Expr expr) => 1 + ExprChildren.Of(expr).Sum(CountNodes);

    static void WriteNodes(CborWriter writer, Expr expr)
    {
        foreach (var operand in ExprChildren.Of(expr))
        {
            WriteNodes(writer, operand);
        }

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
                Begin(4, 1);
                writer.WriteInt32((int)e.Operator);
                break;
            case BinaryExpr e:
                Begin(5, 1);
                writer.WriteInt32((int)e.Operator);
                break;
            case IfExpr:
                Begin(6, 0);
                break;
            case IsMissingExpr:
                Begin(7, 0);
                break;
            case ImputeExpr:
                Begin(8, 0);
                break;
            case TimePartExpr e:
                Begin(9, 1);
                writer.WriteInt32((int)e.Part);
                break;
            case BucketizeExpr { Boundaries: FixedBoundaries boundaries }:
                Begin(10, 1);
                WriteList(boundaries.Values, writer.WriteDouble);
                break;
            case VocabularyExpr { Terms: FixedTerms terms }:
                Begin(11, 2);
                WriteList(terms.Values, writer.WriteTextString);
                writer.WriteInt32(terms.UnknownBuckets);
                break;
            case HashExpr e:
                Begin(12, 2);
                writer.WriteInt32(e.Buckets);
                writer.WriteUInt32(e.Seed);
                break;
            case CrossExpr e:
                Begin(13, 3);
                writer.WriteInt32(e.Operands.Count);
                writer.WriteInt32(e.Buckets);
                writer.WriteUInt32(e.Seed);
                break;
            case CallExpr e:
                Begin(14, 2);
                writer.WriteInt32((int)e.Function);
                writer.WriteInt32(e.Operands.Count);
                break;
            case TimestampExpr e:
                Begin(15, 1);
                writer.WriteInt64(e.Microseconds);
                break;
            case InZoneExpr e:
                Begin(16, 3);
                writer.WriteTextString(e.Zone.Name);
                WriteList(e.Zone.Starts, writer.WriteInt64);
                WriteList(e.Zone.OffsetSeconds, writer.WriteInt32);
                break;
            case TermVectorExpr { Terms: FixedVectorTerms terms } e:
                Begin(30, 3);
                writer.WriteInt32((int)e.Weight);
                WriteList(terms.Values, writer.WriteTextString);
                WriteList(terms.Factors, writer.WriteDouble);
                break;
            case PickExpr e:
                Begin(40, 1);
                WriteList(e.Values, writer.WriteDouble);
                break;
            case BucketizeByExpr e:
                Begin(41, 1);
                WriteList(e.Boundaries, boundaries => WriteList(boundaries.Values, writer.WriteDouble));
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

    static Expr ReadNode(CborReader reader, Stack<Expr> operands)
    {
        reader.ReadStartArray();
        var tag = reader.ReadInt32();
        Expr expr;
        switch (tag)
        {
            case 1:
                expr = new ColumnExpr(reader.ReadTextString());
                break;
            case 2:
                expr = new NumberExpr(Finite(reader.ReadDouble()));
                break;
            case 3:
                expr = new TextExpr(reader.ReadTextString());
                break;
            case 4:
                expr = new UnaryExpr(Known<UnaryOperator>(reader.ReadInt32()), Take(1)[0]);
                break;
            case 5:
                var (function, sides) = (Known<BinaryOperator>(reader.ReadInt32()), Take(2));
                expr = new BinaryExpr(function, sides[0], sides[1]);
                break;
            case 6:
                var choice = Take(3);
                expr = new IfExpr(choice[0], choice[1], choice[2]);
                break;
            case 7:
                expr = new IsMissingExpr(Take(1)[0]);
                break;
            case 8:
                var impute = Take(2);
                expr = new ImputeExpr(impute[0], impute[1]);
                break;
            case 9:
                expr = new TimePartExpr(Known<TimePart>(reader.ReadInt32()), Take(1)[0]);
                break;
            case 10:
                var boundaries = new FixedBoundaries(List(() => Finite(reader.ReadDouble())));
                expr = new BucketizeExpr(Take(1)[0], boundaries);
                break;
            case 11:
                var terms = new FixedTerms(List(reader.ReadTextString), reader.ReadInt32());
                expr = new VocabularyExpr(Take(1)[0], terms);
                break;
            case 12:
                var (buckets, seed) = (reader.ReadInt32(), reader.ReadUInt32());
                expr = new HashExpr(Take(1)[0], buckets, seed);
                break;
            case 13:
                var crossed = Take(reader.ReadInt32());
                expr = new CrossExpr([.. crossed], reader.ReadInt32(), reader.ReadUInt32());
                break;
            case 14:
                var called = Known<ScalarFunction>(reader.ReadInt32());
                expr = new CallExpr(called, [.. Take(reader.ReadInt32())]);
                break;
            case 15:
                var time = reader.ReadInt64();
                expr = time >= Timestamps.MinValue && time <= Timestamps.MaxValue
                    ? new TimestampExpr(time)
                    : throw Corrupt($"it holds the time {time}, which is not in the years 1 to 9999");
                break;
            case 16:
                var zone = new ZoneOffsets(reader.ReadTextString(), List(reader.ReadInt64), List(reader.ReadInt32));
                expr = zone.Misfit() is { } misfit ? throw Corrupt(misfit) : new InZoneExpr(Take(1)[0], zone);
                break;
            case 30:
                var weight = Known<TermWeight>(reader.ReadInt32());
                var weighed = new FixedVectorTerms(List(reader.ReadTextString), List(() => Finite(reader.ReadDouble())));
                expr = new TermVectorExpr(weight, Take(1)[0], weighed);
                break;
            case 40:
                var numbers = List(() => Finite(reader.ReadDouble()));
                expr = new PickExpr(Take(1)[0], numbers);
                break;
            case 41:
                var lists = List(() => new FixedBoundaries(List(() => Finite(reader.ReadDouble()))));
                var bucketized = Take(2);
                expr = lists.Count > 0 ? new BucketizeByExpr(bucketized[0], bucketized[1], lists)
                    : throw Corrupt("a node has no boundaries at all");
                break;
            default:
                throw Corrupt($"it holds a node with the unknown tag {tag}; a newer Capstan may have written it");
        }

        reader.ReadEndArray();
        return expr;

        // The last operands, in the order in which they were written.
        Expr[] Take(int count)
        {
            if (count < 0 || count > operands.Count)
            {
                throw Corrupt($"a node takes {count} operands and {operands.Count} are there");
            }

            var taken = new Expr[count];
            for (var index = count - 1; index >= 0; index--)
            {
                taken[index] = operands.Pop();
            }

            return taken;
        }

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
