using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>A row whose value in one column differs between two data sets, as text; null is missing.</summary>
public sealed record SkewExample(string Key, string? Mine, string? Other);

/// <summary>How one column's values compare over the rows that both data sets have.</summary>
/// <param name="Matches">Equal to the bit, or missing on both sides.</param>
/// <param name="NearMatches">Numbers within the tolerance; not counted among matches.</param>
/// <param name="Mismatches">Present on both sides and different.</param>
/// <param name="OnlyMine">Missing in the other data set only.</param>
/// <param name="OnlyOther">Missing in this one only.</param>
/// <param name="Examples">The first differences.</param>
public sealed record ColumnSkew(
    string Column, long Matches, long NearMatches, long Mismatches, long OnlyMine, long OnlyOther,
    ImmutableArray<SkewExample> Examples)
{
    public long Differences => Mismatches + OnlyMine + OnlyOther;

    public long RowCount => Matches + NearMatches + Differences;
}

/// <summary>
/// Two data sets compared row by row, joined by key: whether what one computed for an entity is what the other did, such as
/// features when serving and in training. Distributions can be alike where every row differs.
/// </summary>
/// <remarks>Source: the feature skew detector of TensorFlow Data Validation.</remarks>
/// <param name="Joined">Keys that both have once.</param>
/// <param name="OnlyMine">Keys that only this data set has.</param>
/// <param name="OnlyOther">Keys that only the other one has.</param>
/// <param name="Repeated">Keys that come more than once on a side, and are compared nowhere.</param>
/// <param name="WithoutKey">Rows of both in which a key column is missing, which are compared nowhere.</param>
/// <param name="Columns">The columns that both have, keys left out.</param>
/// <param name="NotCompared">Columns that one side has, or that have other types.</param>
public sealed record FeatureSkew(
    long Joined, long OnlyMine, long OnlyOther, long Repeated, long WithoutKey, ImmutableArray<ColumnSkew> Columns,
    ImmutableArray<string> NotCompared)
{
    /// <summary>Whether a value differs, by more than the tolerance.</summary>
    public bool HasDifferences => Columns.Any(column => column.Differences > 0);
}

/// <summary>What to compare.</summary>
public sealed record FeatureSkewOptions
{
    /// <summary>The columns that name a row, at least one.</summary>
    public required ImmutableArray<string> Keys { get; init; }

    /// <summary>Numbers x and y are near where |x − y| ≤ tolerance · max(|x|, |y|).</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>How many differences of each column are kept.</summary>
    public int MostExamples { get; init; } = 3;

    /// <summary>
    /// About how many bytes of one data set are held at a time. A larger one is compared in parts, by the hash of the key, with a
    /// reading of both for each part.
    /// </summary>
    public long MemoryBytes { get; init; } = 256L << 20;
}
