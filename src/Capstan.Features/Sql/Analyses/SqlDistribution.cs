using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Quantiles whose rows have weights, or whose places must be known besides: of each number that some share falls on, the weight of the rows below it and
/// of those up to it, and the least and the greatest number; by number.
/// </summary>
static class SqlDistribution
{
    // More rows than are needed do no harm, but one too few would: sums differ in their last bits.
    const double Slack = 1e-9;

    // Beyond so many shares, equal steps are told by dividing instead.
    const int MostShares = 64;

    public static Schema Result { get; } = new(
    [
        new Field("value", DataType.Float64), new Field("below", DataType.Float64), new Field("up_to", DataType.Float64), new Field("total", DataType.Float64),
    ]);

    /// <param name="node">What the query is for.</param>
    /// <param name="weight">Null: each row counts as one.</param>
    /// <param name="shares">Ascending, 0 to 1.</param>
    public static string Query(SqlInput input, Expr node, Expr operand, Expr? weight, IReadOnlyList<double> shares)
    {
        if (input.Dialect == SqlDialect.Ansi)
        {
            throw new SqlNotSupportedException(node, input.Dialect, "its windows are not tried on any database of the standard.");
        }

        var (steps, expressions) = input.Begin(weight is null ? [operand] : [operand, weight]);
        var x = expressions.NumberOf(operand);
        var w = weight is null ? x : expressions.NumberOf(weight);
        var sum = weight is null
            ? "CAST(COUNT(*) AS DOUBLE PRECISION)"
            : $"SUM(CASE WHEN {w.Text} > {input.Number(WeightedQuantileSketch.LargestWeight)} THEN {input.Number(WeightedQuantileSketch.LargestWeight)} ELSE {w.Text} END)";
        var counted = steps.Query($"{x.Text} AS value,\n  {sum} AS weight", [x, w]);
        var condition = $"WHERE {x.Text} IS NOT NULL{(weight is null ? "" : $" AND {w.Text} > {input.Number(0)}")}\nGROUP BY {x.Text}";
        return
            $"SELECT value, below, up_to, total\nFROM (SELECT value, COALESCE(LAG(up_to) OVER (ORDER BY value), {input.Number(0)}) AS below, up_to, total\n" +
            $"FROM (SELECT value, SUM(weight) OVER (ORDER BY value ROWS UNBOUNDED PRECEDING) AS up_to, SUM(weight) OVER () AS total\n" +
            $"FROM ({counted}\n{condition}) AS counted) AS summed) AS placed\n" +
            $"WHERE below = {input.Number(0)} OR up_to >= total * {input.Number(1 - Slack)} OR {Falls(input, shares)}\nORDER BY value";
    }

    /// <summary>The least number such that at least a share of all weight does not exceed it.</summary>
    public static double Quantile(ColumnBatch rows, double share) => rows.Columns[0].Float64s[RowOf(rows, share, 0)];

    /// <summary>As <see cref="QuantileSketch.Boundaries"/>.</summary>
    public static double[] Boundaries(ColumnBatch rows, int buckets)
    {
        var boundaries = new List<double>();
        for (var (index, row) = (1, 0); index < buckets && rows.RowCount > 0; index++)
        {
            row = RowOf(rows, (double)index / buckets, row);
            if (boundaries.Count == 0 || boundaries[^1] != rows.Columns[0].Float64s[row])
            {
                boundaries.Add(rows.Columns[0].Float64s[row]);
            }
        }

        return [.. boundaries];
    }

    /// <param name="first">The share falls on no row before.</param>
    static int RowOf(ColumnBatch rows, double share, int first)
    {
        var upTo = rows.Columns[2].Float64s;
        var rank = share == 1 ? double.PositiveInfinity : share * rows.Columns[3].Float64s[0];
        var row = first;
        while (row < upTo.Length - 1 && upTo[row] < rank)
        {
            row++;
        }

        return row;
    }

    static string Falls(SqlInput input, IReadOnlyList<double> shares)
    {
        if (shares.Count <= MostShares)
        {
            return string.Join(" OR ", shares.Select(share =>
                $"below <= total * {input.Number(share + Slack)} AND up_to >= total * {input.Number(share - Slack)}"));
        }

        var steps = input.Number(shares.Count + 1);
        return $"FLOOR(up_to / total * {steps} + {input.Number(Slack * shares.Count)}) > FLOOR(below / total * {steps} - {input.Number(Slack * shares.Count)})";
    }
}
