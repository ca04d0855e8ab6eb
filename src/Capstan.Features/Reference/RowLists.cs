using System.Text;

namespace Capstan.Features;

/// <summary>What functions of lists mean, on .NET's strings.</summary>
static class RowLists
{
    public static ValueList<string> Split(string text, string separator) =>
        [.. text.Length == 0 ? [] : separator.Length == 0 ? [text] : text.Split(separator)];

    public static ValueList<string> Words(string text)
    {
        var spaced = string.Concat(text.EnumerateRunes().Select(rune => WordsOp.IsPartOfWord(rune) ? rune.ToString() : " "));
        return [.. spaced.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }

    public static ValueList<string>? NGrams(ValueList<string> list, int min, int max, string separator)
    {
        var grams = new List<string>();
        var bytes = 0L;
        for (var first = 0; first < list.Count; first++)
        {
            for (var size = min; size <= max && first + size <= list.Count; size++)
            {
                grams.Add(string.Join(separator, list.Skip(first).Take(size)));
                bytes += Encoding.UTF8.GetByteCount(grams[^1]);
            }
        }

        return grams.Count <= ListLimits.MostItems && bytes <= TextLimits.LargestMade ? [.. grams] : null;
    }

    public static ValueList<double> Vector(TermWeight weight, FixedVectorTerms terms, ValueList<string> list) =>
        [.. terms.Values.Select(
            (term, index) => Weighed(weight, list.Count(item => item == term), list.Count, terms.Factors[index]))];

    static double Weighed(TermWeight weight, int count, int size, double factor) => count == 0 ? 0 : weight switch
    {
        TermWeight.Presence => factor,
        TermWeight.InverseFrequency => (double)count / size * factor,
        _ => count * factor,
    };
}
