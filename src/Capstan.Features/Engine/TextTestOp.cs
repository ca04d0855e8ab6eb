using System.Diagnostics;

namespace Capstan.Features;

/// <summary>
/// Whether a part stands in a text, at its start or at its end; UTF-8 makes code point comparison that of bytes.
/// </summary>
sealed class TextTestOp(ScalarFunction test, int text, int part, int result) : Op
{
    public override void Run(Frame frame)
    {
        var (x, parts, values) = (frame.Texts[text], frame.Texts[part], frame.Numbers[result]);
        for (var row = 0; row < frame.Count; row++)
        {
            values[row] = !x.IsPresent(row) || !parts.IsPresent(row) ? double.NaN : Holds(x[row], parts[row]) ? 1 : 0;
        }
    }

    bool Holds(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part) => test switch
    {
        ScalarFunction.Contains => text.IndexOf(part) >= 0,
        ScalarFunction.StartsWith => text.StartsWith(part),
        ScalarFunction.EndsWith => text.EndsWith(part),
        _ => throw new UnreachableException(),
    };
}
