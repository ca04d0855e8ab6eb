using Capstan.Data.DuckDb;

namespace Capstan.Cluster;

/// <summary>What work on data leaves.</summary>
/// <param name="Rows">How many were written.</param>
/// <param name="LeftOut">Rows that could not be read.</param>
/// <param name="Notices">For people.</param>
public sealed record DataOutput(long Rows, BadRowReport LeftOut, IReadOnlyList<string> Notices);
