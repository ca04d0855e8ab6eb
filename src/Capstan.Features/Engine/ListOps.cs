using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>A text cut at separators.</summary>
sealed class SplitOp(int operand, int separator, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, separators, lists) = (frame.Texts[operand], frame.Texts[separator], frame.BeginList(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row) || !separators.IsPresent(row))
            {
                lists.AppendMissing();
                continue;
            }

            Split(x[row], separators[row], lists.Items);
            lists.AppendList();
        }
    }

    static void Split(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separator, ColumnBuilder items)
    {
        if (text.IsEmpty)
        {
            return;
        }

        while (!separator.IsEmpty && text.IndexOf(separator) is >= 0 and var end)
        {
            items.Append(text[..end]);
            text = text[(end + separator.Length)..];
        }

        items.Append(text);
    }
}

/// <summary>The runs of letters, marks and digits of a text.</summary>
sealed class WordsOp(int operand, int result) : Op
{
    public static bool IsPartOfWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(
            rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    public override void Run(Frame frame)
    {
        var (x, lists) = (frame.Texts[operand], frame.BeginList(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row))
            {
                lists.AppendMissing();
                continue;
            }

            Split(x[row], lists.Items);
            lists.AppendList();
        }
    }

    static void Split(ReadOnlySpan<byte> text, ColumnBuilder items)
    {
        var (start, at) = (0, 0);
        while (at < text.Length)
        {
            _ = Rune.DecodeFromUtf8(text[at..], out var rune, out var length);
            if (!IsPartOfWord(rune))
            {
                AppendWord(text[start..at], items);
                start = at + length;
            }

            at += length;
        }

        AppendWord(text[start..], items);
    }

    static void AppendWord(ReadOnlySpan<byte> word, ColumnBuilder items)
    {
        if (!word.IsEmpty)
        {
            items.Append(word);
        }
    }
}

sealed class CharactersOp(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, lists) = (frame.Texts[operand], frame.BeginList(result));
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row))
            {
                lists.AppendMissing();
                continue;
            }

            for (var text = x[row]; !text.IsEmpty; text = Utf8Kernels.Skip(text, 1))
            {
                lists.Items.Append(Utf8Kernels.Take(text, 1));
            }

            lists.AppendList();
        }
    }
}

/// <summary>A list without what stands in it before.</summary>
sealed class DistinctOp(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, lists, seen) = (frame.Lists[operand], frame.BeginList(result), frame.Items);
        for (var row = 0; row < frame.Count; row++)
        {
            if (!x.IsPresent(row))
            {
                lists.AppendMissing();
                continue;
            }

            seen.Begin(x.CountAt(row));
            for (var (item, end) = (x[row].Start.Value, x[row].End.Value); item < end; item++)
            {
                if (seen.Add(x, item))
                {
                    lists.Items.Append(x.ItemAt(item));
                }
            }

            lists.AppendList();
        }
    }
}

sealed class CountOp(int operand, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, values) = (frame.Lists[operand], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = x.IsPresent(row) ? x.CountAt(row) : double.NaN;
        }
    }
}

sealed class ItemOp(int operand, int index, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, indexes, builder) = (frame.Lists[operand], frame.Numbers[index], frame.BeginText(result));
        for (var row = 0; row < frame.Count; row++)
        {
            // A comparison with NaN is false, so that a missing index finds nothing.
            if (x.IsPresent(row) && indexes[row] >= 0 && indexes[row] < x.CountAt(row))
            {
                builder.Append(x.ItemAt(x[row].Start.Value + (int)indexes[row]));
            }
            else
            {
                builder.AppendMissing();
            }
        }
    }
}

sealed class IncludesOp(int operand, int text, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, texts, values) = (frame.Lists[operand], frame.Texts[text], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = !x.IsPresent(row) || !texts.IsPresent(row) ? double.NaN : Includes(x, row, texts[row]) ? 1 : 0;
        }
    }

    static bool Includes(ListRows lists, int row, ReadOnlySpan<byte> text)
    {
        for (var (item, end) = (lists[row].Start.Value, lists[row].End.Value); item < end; item++)
        {
            if (lists.ItemAt(item).SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }
}
