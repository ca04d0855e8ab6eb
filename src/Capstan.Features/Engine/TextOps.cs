using System.Collections.Immutable;
using System.Globalization;
using Capstan.Data;

namespace Capstan.Features;

sealed class ChangeCaseOp(bool toUpper, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, builder) = (frame.Texts[operand], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row))
            {
                builder.AppendMissing();
                continue;
            }

            var scratch = frame.Scratch((long)x[row].Length * Utf8Kernels.LargestCaseGrowth);
            builder.Append(scratch[..Utf8Kernels.ChangeCase(x[row], toUpper, scratch)]);
        }
    }
}

sealed class TrimOp(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, builder) = (frame.Texts[operand], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (x.IsPresent(row))
            {
                builder.Append(Utf8Kernels.Trim(x[row]));
            }
            else
            {
                builder.AppendMissing();
            }
        }
    }
}

sealed class LengthOp(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Texts[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) ? Utf8Kernels.CountCodePoints(x[row]) : double.NaN;
        }
    }
}

sealed class SubstringOp(int operand, int start, int count, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, starts, counts, builder) = (
            frame.Texts[operand], frame.Numbers[start], frame.Numbers[count], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row) || double.IsNaN(starts[row]) || double.IsNaN(counts[row]))
            {
                builder.AppendMissing();
                continue;
            }

            builder.Append(Utf8Kernels.Take(Utf8Kernels.Skip(x[row], Whole(starts[row])), Whole(counts[row])));
        }
    }

    static int Whole(double value) => (int)Math.Floor(Math.Clamp(value, 0, int.MaxValue));
}

/// <summary>Joins texts; see <see cref="TextLimits"/>.</summary>
sealed class ConcatOp(ImmutableArray<int> operands, int result) : Op
{
    public override void Run(Frame frame)
    {
        var builder = frame.BeginText(result);
        for (var row = 0; row < frame.Count; row++)
        {
            var total = LengthOf(frame, row);
            if (total is < 0 or > TextLimits.LargestMade)
            {
                builder.AppendMissing();
                continue;
            }

            var scratch = frame.Scratch(total);
            var written = 0;
            foreach (var operand in operands)
            {
                var text = frame.Texts[operand][row];
                text.CopyTo(scratch[written..]);
                written += text.Length;
            }

            builder.Append(scratch[..written]);
        }
    }

    /// <summary>In bytes; −1 where an operand is missing.</summary>
    long LengthOf(Frame frame, int row)
    {
        var total = 0L;
        foreach (var operand in operands)
        {
            if (!frame.Texts[operand].IsPresent(row))
            {
                return -1;
            }

            total += frame.Texts[operand][row].Length;
        }

        return total;
    }
}

/// <summary>Replaces parts of texts; see <see cref="TextLimits"/>.</summary>
sealed class ReplaceOp(int operand, int old, int with, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, olds, news, builder) = (frame.Texts[operand], frame.Texts[old], frame.Texts[with], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row) || !olds.IsPresent(row) || !news.IsPresent(row))
            {
                builder.AppendMissing();
            }
            else
            {
                Append(frame, builder, x[row], olds[row], news[row]);
            }
        }
    }

    static void Append(
        Frame frame, ColumnBuilder builder, ReadOnlySpan<byte> text, ReadOnlySpan<byte> old, ReadOnlySpan<byte> with)
    {
        var found = old.IsEmpty ? 0 : text.Count(old);
        var total = text.Length + found * ((long)with.Length - old.Length);
        if (total > TextLimits.LargestMade)
        {
            builder.AppendMissing();
            return;
        }

        if (found == 0)
        {
            builder.Append(text);
            return;
        }

        var scratch = frame.Scratch(total);
        var written = 0;
        for (; found > 0; found--)
        {
            var before = text.IndexOf(old);
            text[..before].CopyTo(scratch[written..]);
            with.CopyTo(scratch[(written + before)..]);
            written += before + with.Length;
            text = text[(before + old.Length)..];
        }

        text.CopyTo(scratch[written..]);
        builder.Append(scratch[..(int)total]);
    }
}

sealed class SplitPartOp(int operand, int separator, int index, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, separators, indexes, builder) = (
            frame.Texts[operand], frame.Texts[separator], frame.Numbers[index], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            // A comparison with NaN is false, so that a missing index finds nothing.
            if (x.IsPresent(row) && separators.IsPresent(row) && indexes[row] >= 0 &&
                Find(x[row], separators[row], indexes[row], out var part))
            {
                builder.Append(part);
            }
            else
            {
                builder.AppendMissing();
            }
        }
    }

    static bool Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separator, double index, out ReadOnlySpan<byte> part)
    {
        part = text;
        for (; index >= 1; index--)
        {
            var at = separator.IsEmpty ? -1 : part.IndexOf(separator);
            if (at < 0)
            {
                return false;
            }

            part = part[(at + separator.Length)..];
        }

        var end = separator.IsEmpty ? -1 : part.IndexOf(separator);
        part = end < 0 ? part : part[..end];
        return true;
    }
}

sealed class TextToNumber(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Texts[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) && double.TryParse(
                x[row], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? NumberKernels.Finite(number)
                : double.NaN;
        }
    }
}

static class TextLimits
{
    /// <summary>
    /// The longest text, in bytes of UTF-8, that concat and replace make; what would be longer is missing. Nested in each other a
    /// few times they could otherwise fill any memory from one ordinary row.
    /// </summary>
    public const int LargestMade = 1 << 20;
}
