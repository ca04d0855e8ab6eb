namespace Capstan.Data;

/// <summary>Lists in sentences.</summary>
static class WordList
{
    const int Shown = 10;

    /// <summary>'a', 'b', 'c' and how many more; another word where there are none.</summary>
    public static string Quoted(IReadOnlyCollection<string> words, string none) => words.Count == 0
        ? none
        : string.Join(", ", words.Take(Shown).Select(word => $"'{Short(word)}'")) +
            (words.Count > Shown ? $" and {words.Count - Shown:N0} more" : "");

    /// <summary>A value as a sentence can bear it.</summary>
    public static string Short(string value) => value.Length <= 40 ? value : $"{value.AsSpan(0, 39)}…";
}
