namespace Capstan.Data;

/// <summary>Consecutive splits of a source that stem from the same file: what is found out about them holds wherever it appears.</summary>
/// <param name="Fingerprint">Names the rows; null where only the source's own fingerprint does.</param>
/// <param name="Splits">In the source's order, at least one.</param>
public sealed record SourceSpan(string? Fingerprint, IReadOnlyList<Split> Splits)
{
    /// <summary>The source's splits as spans, in order; splits that name none make one by themselves.</summary>
    public static IReadOnlyList<SourceSpan> Of(IBatchSource source)
    {
        var spans = new List<SourceSpan>();
        foreach (var split in source.Splits)
        {
            if (spans.Count > 0 && spans[^1].Fingerprint == split.Span)
            {
                ((List<Split>)spans[^1].Splits).Add(split);
            }
            else
            {
                spans.Add(new SourceSpan(split.Span, new List<Split> { split }));
            }
        }

        return spans;
    }

    /// <summary>What names all rows of a source: its only span where it has one, so that a second file added later finds it.</summary>
    public static string FingerprintOf(IBatchSource source) =>
        Of(source) is [{ Fingerprint: { } only }] ? only : source.Fingerprint;
}
