using System.Collections.Immutable;
using System.Text;

namespace Capstan.Features;

/// <summary>
/// The code points that another case has, and what they become: .NET's own mapping, each code point asked once.
/// </summary>
sealed class CaseTable
{
    static readonly Lazy<CaseTable> LazyLower = new(() => new CaseTable(Rune.ToLowerInvariant));
    static readonly Lazy<CaseTable> LazyUpper = new(() => new CaseTable(Rune.ToUpperInvariant));

    CaseTable(Func<Rune, Rune> change)
    {
        Class = CodePointClass.Of(rune => change(rune) != rune);
        Rune[] changing = [.. Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value))
            .Where(rune => change(rune) != rune)];
        From = [.. changing.Select(rune => rune.ToString())];
        To = [.. changing.Select(rune => change(rune).ToString())];
    }

    public static CaseTable Lower => LazyLower.Value;

    public static CaseTable Upper => LazyUpper.Value;

    /// <summary>The code points that change, as a class of regular expressions.</summary>
    public string Class { get; }

    public ImmutableArray<string> From { get; }

    public ImmutableArray<string> To { get; }
}
