using System.Numerics;
using System.Text;

namespace Capstan.Data;

/// <summary>What normalising makes of a text.</summary>
public enum TextForm
{
    /// <summary>Unicode's NFC: letters with their marks as one code point where there is one. Looks the same.</summary>
    Canonical,

    /// <summary>
    /// Unicode's NFKC: as NFC, and variants of one letter become that letter (ﬁ → fi, ① → 1, full width → ordinary).
    /// </summary>
    Compatible,

    /// <summary>
    /// Canonically decomposed, without the combining marks (classes other than 0), composed again: é → e, Å → A, й → и; ø and ł
    /// are letters of their own and stay.
    /// </summary>
    WithoutMarks,
}

/// <summary>
/// Normal forms of UTF-8 text, the same on every machine: by Unicode 17.0, whatever libraries are there. Memory grows to the
/// longest text seen and is then reused. Not thread-safe.
/// </summary>
/// <remarks>Source: Unicode Standard Annex 15, and chapter 3.12 for Hangul syllables.</remarks>
public sealed class Utf8Normalizer
{
    const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    const int LeadCount = 19, VowelCount = 21, TailCount = 28, HangulCount = LeadCount * VowelCount * TailCount;

    readonly UnicodeData _data = UnicodeData.Known;

    // Code points in the low 21 bits, their combining class in the high 8.
    ulong[] _points = [];
    byte[] _bytes = [];
    int _count;

    /// <summary>The normal form; valid until the next call.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> text, TextForm form)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        _count = 0;
        while (!text.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(text, out var rune, out var length);
            text = text[length..];
            Decompose(rune.Value, form);
        }

        Order(_points.AsSpan(0, _count));
        return Encode(_points.AsSpan(0, Compose(_points.AsSpan(0, _count))));
    }

    void Decompose(int point, TextForm form)
    {
        if ((uint)(point - HangulBase) < HangulCount)
        {
            var syllable = point - HangulBase;
            Push(LeadBase + syllable / (VowelCount * TailCount), 0);
            Push(VowelBase + syllable / TailCount % VowelCount, 0);
            if (syllable % TailCount > 0)
            {
                Push(TailBase + syllable % TailCount, 0);
            }

            return;
        }

        var parts = _data.Decomposition(point, form == TextForm.Compatible);
        foreach (var part in parts.IsEmpty ? [point] : parts)
        {
            var order = _data.CombiningClass(part);
            if (order == 0 || form != TextForm.WithoutMarks)
            {
                Push(part, order);
            }
        }
    }

    void Push(int point, byte order)
    {
        if (_count == _points.Length)
        {
            Array.Resize(ref _points, Math.Max(64, _points.Length * 2));
        }

        _points[_count++] = (ulong)order << 56 | (uint)point;
    }

    /// <summary>Sorts each run of marks by class, equal classes as they came.</summary>
    static void Order(Span<ulong> points)
    {
        for (var start = 0; start < points.Length; start++)
        {
            var end = start;
            while (end < points.Length && points[end] >> 56 > 0)
            {
                // The place between class and code point makes an unstable sort a stable one, whose time a long run of marks
                // can't square.
                points[end] |= (ulong)(uint)end << 24;
                end++;
            }

            if (end > start)
            {
                points[start..end].Sort();
                start = end;
            }
        }
    }

    /// <returns>How many code points are left, at the front.</returns>
    int Compose(Span<ulong> points)
    {
        var (written, starter, lastOrder) = (0, -1, 0);
        foreach (var each in points)
        {
            var (point, order) = ((int)(each & 0x1FFFFF), (int)(each >> 56));
            // Between a starter and a mark that composes with it stands nothing, or only marks of lower classes.
            var isNear = starter >= 0 && (starter == written - 1 || lastOrder < order);
            if (isNear && Pair((int)points[starter], point) is >= 0 and var composed)
            {
                points[starter] = (uint)composed;
                continue;
            }

            (starter, lastOrder) = order == 0 ? (written, 0) : (starter, order);
            points[written++] = (uint)point;
        }

        return written;
    }

    int Pair(int first, int second)
    {
        if ((uint)(first - LeadBase) < LeadCount && (uint)(second - VowelBase) < VowelCount)
        {
            return HangulBase + ((first - LeadBase) * VowelCount + second - VowelBase) * TailCount;
        }

        if ((uint)(first - HangulBase) < HangulCount && (first - HangulBase) % TailCount == 0 &&
            second - TailBase is > 0 and < TailCount)
        {
            return first + second - TailBase;
        }

        return _data.Composition(first, second);
    }

    ReadOnlySpan<byte> Encode(ReadOnlySpan<ulong> points)
    {
        if (points.Length > _bytes.Length / 4)
        {
            _bytes = new byte[checked((int)BitOperations.RoundUpToPowerOf2((uint)points.Length * 4))];
        }

        var written = 0;
        foreach (var point in points)
        {
            written += new Rune((uint)point).EncodeToUtf8(_bytes.AsSpan(written));
        }

        return _bytes.AsSpan(0, written);
    }
}
