using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>Consecutive splits of a source that stem from the same file: what is found out about them holds wherever it is.</summary>
/// <param name="fingerprint">Names the rows; null where only the source's own fingerprint does.</param>
/// <param name="splits">In the source's order, at least one.</param>
public sealed class SourceSpan(string? fingerprint, ImmutableArray<Split> splits)
{
    public string? Fingerprint => fingerprint;

    public ImmutableArray<Split> Splits => splits;

    /// <summary>The source's splits as spans, in order; neighbours that name none make one together.</summary>
    public static ImmutableArray<SourceSpan> Of(IBatchSource source)
    {
        var spans = ImmutableArray.CreateBuilder<SourceSpan>();
        Split[] splits = [.. source.Splits];
        var start = 0;
        for (var end = 1; end <= splits.Length; end++)
        {
            if (end == splits.Length || splits[end].Span != splits[start].Span)
            {
                spans.Add(new SourceSpan(splits[start].Span, [.. splits[start..end]]));
                start = end;
            }
        }

        return spans.ToImmutable();
    }

    /// <summary>
    /// What names all rows of a source: its only span where it has one, so that a second file added later finds it.
    /// </summary>
    public static string FingerprintOf(IBatchSource source) =>
        Of(source) is [{ Fingerprint: { } only }] ? only : source.Fingerprint;
}
