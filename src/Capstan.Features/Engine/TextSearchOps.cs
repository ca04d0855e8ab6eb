using Capstan.Data;

namespace Capstan.Features;

/// <summary>Where a part first stands, in code points.</summary>
sealed class IndexOfOp(int text, int part, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, parts, values) = (frame.Texts[text], frame.Texts[part], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) && parts.IsPresent(row) && x[row].IndexOf(parts[row]) is >= 0 and var at
                ? Utf8Kernels.CountCodePoints(x[row][..at])
                : double.NaN;
        }
    }
}

sealed class OccurrencesOp(int text, int part, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, parts, values) = (frame.Texts[text], frame.Texts[part], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = !x.IsPresent(row) || !parts.IsPresent(row) ? double.NaN : parts[row].IsEmpty ? 0
                : x[row].Count(parts[row]);
        }
    }
}

/// <summary>Fills in front; see <see cref="TextLimits"/>.</summary>
sealed class PadLeftOp(int operand, int width, int fill, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, widths, fills, builder) = (
            frame.Texts[operand], frame.Numbers[width], frame.Texts[fill], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row) || double.IsNaN(widths[row]))
            {
                builder.AppendMissing();
                continue;
            }

            var absent = Math.Max(0, Math.Floor(widths[row]) - Utf8Kernels.CountCodePoints(x[row]));
            var padding = absent * fills[row].Length;
            if (padding + x[row].Length > TextLimits.LargestMade)
            {
                builder.AppendMissing();
                continue;
            }

            var scratch = frame.Scratch((long)padding + x[row].Length);
            for (var start = 0; start < (int)padding; start += fills[row].Length)
            {
                fills[row].CopyTo(scratch[start..]);
            }

            x[row].CopyTo(scratch[(int)padding..]);
            builder.Append(scratch);
        }
    }
}

/// <summary>Normal forms; see <see cref="TextLimits"/>, which bounds the text before and after.</summary>
sealed class NormalizeOp(TextForm form, int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, normalizer, builder) = (frame.Texts[operand], frame.Normalizer, frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            var isShort = x.IsPresent(row) && x[row].Length <= TextLimits.LargestMade;
            var normal = isShort ? normalizer.Normalize(x[row], form) : [];
            if (isShort && normal.Length <= TextLimits.LargestMade)
            {
                builder.Append(normal);
            }
            else
            {
                builder.AppendMissing();
            }
        }
    }
}
