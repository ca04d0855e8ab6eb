namespace Capstan.Data;

/// <summary>How far two distributions are apart.</summary>
/// <param name="Value">0 (the same) to 1 (nothing in common).</param>
/// <param name="ByChance">
/// What two samples of these sizes from one source exceed once in a hundred times, and what the sketches of their distributions
/// may be wrong by: a smaller value means nothing.
/// </param>
/// <param name="At">The text value that differs most, where the measure is one value's; else null.</param>
public readonly record struct Distance(double Value, double ByChance, string? At = null)
{
    /// <summary>The difference is more than chance.</summary>
    public bool IsSignificant => Value > ByChance;
}

/// <summary>
/// How far a column's values are from those of the same column in other data. Symmetric; identical data is 0 apart.
/// </summary>
/// <remarks>
/// Distances are between the values that are present; that more or fewer are missing is a measure of its own
/// (<see cref="Missing"/>). TensorFlow Data Validation adds the mass of missing numbers as buckets that never match, so that two
/// identical columns with a tenth missing are 0.1 apart; here they are 0 apart.
/// </remarks>
public sealed class ColumnDistance
{
    // Twenty bins tell a shift of half a standard deviation well; what chance gives them is about 3.4 × (1 / Nₐ + 1 / N_b).
    const int Bins = 20;
    const int RankSteps = 1000;

    // The normal distribution's 99 % quantiles: of both sides, and of one.
    const double TwoSided = 2.576;
    const double OneSided = 2.326;

    ColumnDistance()
    {
    }

    /// <summary>The change of the share of missing values.</summary>
    public Distance Missing { get; private init; }

    /// <summary>
    /// Texts and booleans: max over v of |cₐ(v) / Nₐ − c_b(v) / N_b|. Null where a side has no values, or the types differ.
    /// </summary>
    public Distance? LInfinity { get; private init; }

    /// <summary>
    /// Texts and booleans: max over v of |cₐ(v) − c_b(v)| / (Nₐ + N_b). It sees that there are more rows, so it has no chance
    /// level.
    /// </summary>
    public Distance? NormalizedAbsoluteDifference { get; private init; }

    /// <summary>
    /// (KL(P ‖ M) + KL(Q ‖ M)) / 2 with M = (P + Q) / 2, in bits: over the values of texts and booleans, and over 20 bins of
    /// about equally many of both sides' numbers or timestamps.
    /// </summary>
    /// <remarks>
    /// Source: Lin 1991. TensorFlow Data Validation spreads each side's buckets evenly over the union of both sides'
    /// boundaries; here both sides are counted in the same bins, so that a value that repeats stays one value. Chance: with k
    /// bins, 8 ln 2 / (1/Nₐ + 1/N_b) times the divergence is χ² with k − 1 degrees of freedom; its quantile is Wilson's and
    /// Hilferty's (1931).
    /// </remarks>
    public Distance? JensenShannon { get; private init; }

    /// <summary>Numbers and timestamps: the greatest difference of the shares of values up to any value.</summary>
    public Distance? KolmogorovSmirnov { get; private init; }

    /// <summary>
    /// Numbers: by how much the second side's mean is above the first's, in the first's standard deviations; null where the
    /// first is constant.
    /// </summary>
    public double? MeanShift { get; private init; }

    public static ColumnDistance Between(ColumnStatistics left, ColumnStatistics right)
    {
        var missing = MissingOf(left, right);
        if (left.PresentCount == 0 || right.PresentCount == 0)
        {
            return new ColumnDistance { Missing = missing };
        }

        return (left, right) switch
        {
            ({ Numbers: { } numbers, Quantiles: { } one }, { Numbers: { } others, Quantiles: { } other }) => new ColumnDistance
            {
                Missing = missing,
                JensenShannon = JensenShannonOf(one, other),
                KolmogorovSmirnov = KolmogorovSmirnovOf(one, other),
                // Of a constant, rounding leaves a deviation that means nothing.
                MeanShift = numbers.Min < numbers.Max ? ShiftOf(numbers, others) : null,
            },
            ({ Type: DataType.Timestamp, Quantiles: { } one }, { Type: DataType.Timestamp, Quantiles: { } other }) => new()
            {
                Missing = missing,
                JensenShannon = JensenShannonOf(one, other),
                KolmogorovSmirnov = KolmogorovSmirnovOf(one, other),
            },
            ({ Values: { } one }, { Values: { } other }) => OfCategories(missing, CellsOf(one, other)),
            ({ Type: DataType.Boolean }, { Type: DataType.Boolean }) => OfCategories(missing,
            [
                new Cell("true", left.TrueCount, right.TrueCount),
                new Cell("false", left.PresentCount - left.TrueCount, right.PresentCount - right.TrueCount),
            ]),
            _ => new ColumnDistance { Missing = missing },
        };
    }

    static double? ShiftOf(Moments left, Moments right)
    {
        var shift = (right.Mean - left.Mean) / left.StandardDeviation;
        return double.IsFinite(shift) ? shift : null;
    }

    static Distance MissingOf(ColumnStatistics left, ColumnStatistics right)
    {
        if (left.Count == 0 || right.Count == 0)
        {
            return default;
        }

        var (one, other) = ((double)left.MissingCount / left.Count, (double)right.MissingCount / right.Count);
        var pooled = (double)(left.MissingCount + right.MissingCount) / (left.Count + right.Count);
        var deviation = Math.Sqrt(pooled * (1 - pooled) * NoiseOf(left.Count, right.Count));
        return new Distance(Math.Abs(one - other), TwoSided * deviation);
    }

    static ColumnDistance OfCategories(Distance missing, List<Cell> cells)
    {
        var (one, other) = (cells.Sum(cell => cell.Left), cells.Sum(cell => cell.Right));
        var noise = NoiseOf(one, other);
        // The pooled rest of values that are not known by name is no value.
        var named = cells.Where(cell => cell.Name is not null).ToArray();
        if (one == 0 || other == 0)
        {
            // Lists without items.
            return new ColumnDistance { Missing = missing };
        }

        if (named.Length == 0)
        {
            return new ColumnDistance { Missing = missing, JensenShannon = JensenShannonOf(cells) };
        }

        var share = named.MaxBy(cell => Math.Abs((double)cell.Left / one - (double)cell.Right / other));
        var count = named.MaxBy(cell => Math.Abs(cell.Left - cell.Right));
        var pooled = (double)(share.Left + share.Right) / (one + other);
        // The largest of many values' differences: each may exceed it with 1 % / their number.
        var deviations = Math.Sqrt(2 * Math.Log(2 * named.Length / 0.01));
        return new ColumnDistance
        {
            Missing = missing,
            LInfinity = new Distance(
                Math.Abs((double)share.Left / one - (double)share.Right / other),
                deviations * Math.Sqrt(pooled * (1 - pooled) * noise), share.Name),
            NormalizedAbsoluteDifference = new Distance(
                (double)Math.Abs(count.Left - count.Right) / (one + other), 0, count.Name),
            JensenShannon = JensenShannonOf(cells),
        };
    }

    /// <summary>
    /// A value of which one side does not know how often it was seen, because it kept only frequent ones, is pooled on both
    /// sides.
    /// </summary>
    static List<Cell> CellsOf(TopValues left, TopValues right)
    {
        var cells = new List<Cell>();
        foreach (var value in left.Ordered())
        {
            var other = right.CountOf(value.Utf8.Span);
            if (other > 0 || right.IsExact)
            {
                cells.Add(new Cell(value.Text, value.Count, other));
            }
        }

        if (left.IsExact)
        {
            var strangers = right.Ordered().Where(value => left.CountOf(value.Utf8.Span) == 0);
            cells.AddRange(strangers.Select(value => new Cell(value.Text, 0, value.Count)));
        }

        cells.Add(new Cell(null, left.Total - cells.Sum(cell => cell.Left), right.Total - cells.Sum(cell => cell.Right)));
        return cells;
    }

    static Distance JensenShannonOf(QuantileSketch left, QuantileSketch right)
    {
        double[] edges = [.. left.Merge(right).Boundaries(Bins)];
        var cells = new List<Cell>();
        var (before, beforeOther) = (0L, 0L);
        foreach (var edge in edges)
        {
            var (below, belowOther) = (left.CountBelow(edge), right.CountBelow(edge));
            cells.Add(new Cell(null, below - before, belowOther - beforeOther));
            (before, beforeOther) = (below, belowOther);
        }

        cells.Add(new Cell(null, left.Count - before, right.Count - beforeOther));
        var exact = JensenShannonOf(cells);
        // Both ends of a bin may be off on both sides; near equality the divergence is Σ (p − q)² / (8 ln 2 m), here m = 1 /
        // bins.
        var error = 2 * (left.RankError + right.RankError) * cells.Count;
        return exact with { ByChance = Math.Min(1, exact.ByChance + error * error / (8 * Math.Log(2))) };
    }

    static Distance JensenShannonOf(List<Cell> cells)
    {
        var (one, other) = (cells.Sum(cell => cell.Left), cells.Sum(cell => cell.Right));
        var (sum, used) = (0.0, 0);
        foreach (var cell in cells.Where(cell => cell.Left + cell.Right > 0))
        {
            var (p, q) = ((double)cell.Left / one, (double)cell.Right / other);
            var middle = (p + q) / 2;
            sum += Part(p, middle) + Part(q, middle);
            used++;
        }

        var freedom = Math.Max(1, used - 1);
        var spread = 2.0 / (9 * freedom);
        var quantile = freedom * Math.Pow(1 - spread + OneSided * Math.Sqrt(spread), 3);
        return new Distance(Math.Clamp(sum / 2, 0, 1), Math.Min(1, quantile * NoiseOf(one, other) / (8 * Math.Log(2))));

        static double Part(double share, double middle) => share == 0 ? 0 : share * Math.Log2(share / middle);
    }

    static Distance KolmogorovSmirnovOf(QuantileSketch left, QuantileSketch right)
    {
        var greatest = 0.0;
        foreach (var value in left.Merge(right).Boundaries(RankSteps))
        {
            var below = (double)left.CountBelow(value) / left.Count;
            var belowOther = (double)right.CountBelow(value) / right.Count;
            greatest = Math.Max(greatest, Math.Abs(below - belowOther));
            greatest = Math.Max(greatest, Math.Abs(left.ShareAtOrBelow(value) - right.ShareAtOrBelow(value)));
        }

        // Kolmogorov's limit: √(−ln(1 % / 2) / 2).
        var chance = 1.628 * Math.Sqrt(NoiseOf(left.Count, right.Count));
        return new Distance(greatest, Math.Min(1, chance + left.RankError + right.RankError));
    }

    static double NoiseOf(long left, long right) => 1.0 / left + 1.0 / right;

    /// <param name="Name">The value, or null for a bin or a pooled rest.</param>
    readonly record struct Cell(string? Name, long Left, long Right);
}
