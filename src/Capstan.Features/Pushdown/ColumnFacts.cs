namespace Capstan.Features;

/// <summary>What a column must tell of itself so that a label can be understood.</summary>
/// <param name="rows">All rows.</param>
/// <param name="present">Those in which it is there.</param>
/// <param name="ends">The least and the greatest number; null where it is no number, or never there.</param>
/// <param name="hasMore">Whether there are other numbers than its ends.</param>
/// <param name="frequent">
/// Of a text, its values, the most frequent first and equally frequent ones in reverse byte order; as many as were asked for.
/// </param>
public sealed class ColumnFacts(
    long rows, long present, (double Low, double High)? ends, bool hasMore, IReadOnlyList<string> frequent)
{
    public long Rows => rows;

    public long Present => present;

    public (double Low, double High)? Ends => ends;

    public bool HasMore => hasMore;

    public IReadOnlyList<string> Frequent => frequent;
}
