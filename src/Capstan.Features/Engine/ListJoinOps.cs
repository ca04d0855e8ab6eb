using System.Buffers;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The items as one text; see <see cref="TextLimits"/>.</summary>
sealed class JoinOp(int operand, int separator, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, separators, builder) = (frame.Lists[operand], frame.Texts[separator], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row) || !separators.IsPresent(row) ||
                ListBytes.Of(x, x[row], separators[row].Length) > TextLimits.LargestMade)
            {
                builder.AppendMissing();
                continue;
            }

            var bytes = frame.BeginBytes();
            ListBytes.Join(x, x[row], separators[row], bytes);
            builder.Append(bytes.WrittenSpan);
        }
    }
}

/// <summary>Runs of neighbouring items, joined; see <see cref="ListLimits"/>.</summary>
sealed class NGramsOp(int min, int max, byte[] separator, int operand, int result) : Op
{
    public static NGramsOp Of(CallExpr call, int operand, int result) => new(
        (int)((NumberExpr)call.Operands[1]).Value, (int)((NumberExpr)call.Operands[2]).Value,
        Encoding.UTF8.GetBytes(((TextExpr)call.Operands[3]).Value), operand, result);

    public override void Run(Frame frame)
    {
        var (x, lists) = (frame.Lists[operand], frame.BeginList(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row) || !Fits(x, row))
            {
                lists.AppendMissing();
                continue;
            }

            for (var (first, end) = (x[row].Start.Value, x[row].End.Value); first < end; first++)
            {
                for (var size = min; size <= Math.Min(max, end - first); size++)
                {
                    var bytes = frame.BeginBytes();
                    ListBytes.Join(x, first..(first + size), separator, bytes);
                    lists.Items.Append(bytes.WrittenSpan);
                }
            }

            lists.AppendList();
        }
    }

    bool Fits(ListRows x, int row)
    {
        var (items, bytes) = (0L, 0L);
        for (var (first, end) = (x[row].Start.Value, x[row].End.Value); first < end; first++)
        {
            for (var size = min; size <= Math.Min(max, end - first); size++)
            {
                items++;
                bytes += ListBytes.Of(x, first..(first + size), separator.Length);
            }

            if (items > ListLimits.MostItems || bytes > TextLimits.LargestMade)
            {
                return false;
            }
        }

        return true;
    }
}

static class ListBytes
{
    /// <summary>The bytes of some items joined by separators.</summary>
    public static long Of(ListRows lists, Range items, int separatorLength)
    {
        var (start, end) = (items.Start.Value, items.End.Value);
        var offsets = lists.Column.Items.TextOffsets;
        return offsets[end] - offsets[start] + Math.Max(0, end - start - 1) * (long)separatorLength;
    }

    public static void Join(ListRows lists, Range items, ReadOnlySpan<byte> separator, ArrayBufferWriter<byte> bytes)
    {
        for (var item = items.Start.Value; item < items.End.Value; item++)
        {
            if (item > items.Start.Value)
            {
                bytes.Write(separator);
            }

            bytes.Write(lists.ItemAt(item));
        }
    }
}
