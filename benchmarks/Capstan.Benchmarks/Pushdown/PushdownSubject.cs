using System.Globalization;
using Capstan.Data;
using Capstan.Features;
using Capstan.Tests.Pushdown;

namespace Capstan.Benchmarks;

/// <summary>An analysis, and how close what a database finds for it must be to what a pass here finds.</summary>
/// <param name="Tolerance">Of sums: the largest difference to the largest constant. Of sketches: of ranks. 0: equal.</param>
sealed record PushdownSubject(string Text, double Tolerance, bool IsSketched)
{
    /// <summary>Sums of a million numbers in another order, and principal components, whose axes multiply such differences.</summary>
    const double Rounding = 1e-10;

    const int NormalPlaces = 33;

    public Expr Expr { get; } = ExprParser.Parse(Text);

    public static IEnumerable<PushdownSubject> Exactly(params string[] texts) => texts.Select(text => new PushdownSubject(text, 0, false));

    public static IEnumerable<PushdownSubject> Summed(params string[] texts) => texts.Select(text => new PushdownSubject(text, Rounding, false));

    public static IEnumerable<PushdownSubject> Sketched(double rankError, params string[] texts) => texts.Select(text => new PushdownSubject(text, rankError, true));

    /// <returns>What was found, in words.</returns>
    /// <exception cref="InvalidOperationException">The two are further apart than they may be.</exception>
    public async Task<string> CompareAsync(Expr here, Expr there, IBatchSource source)
    {
        var (mine, theirs) = (ConstantList.Of(here).ToArray(), ConstantList.Of(there).ToArray());
        if (mine.SequenceEqual(theirs))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{mine.Length:N0} constants equal to the bit");
        }

        return IsSketched ? await BySharesAsync(here, there, source) : BySums(mine, theirs);
    }

    string BySums(object[] mine, object[] theirs)
    {
        var scale = mine.OfType<double>().Select(Math.Abs).DefaultIfEmpty().Max();
        var isAlike = mine.Length == theirs.Length && mine.Zip(theirs).All(pair => pair.First is double || pair.First.Equals(pair.Second));
        var largest = isAlike ? mine.Zip(theirs).Max(pair => pair.First is double number ? Math.Abs(number - (double)pair.Second) / scale : 0) : double.PositiveInfinity;
        return largest <= Tolerance
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{mine.Length:N0} constants, {mine.Zip(theirs).Count(pair => pair.First.Equals(pair.Second)):N0} equal to the bit; largest difference {largest:0.0e0} of the largest")
            : throw new InvalidOperationException($"{Text}: {largest} apart, allowed {Tolerance}.");
    }

    /// <summary>
    /// Rows that fall between a boundary here and the same one there are as many as the boundaries' ranks differ: so each row's feature is computed by both,
    /// and the rows whose features differ are counted. A quantile alone is looked for among the values themselves.
    /// </summary>
    async Task<string> BySharesAsync(Expr here, Expr there, IBatchSource source)
    {
        if (here is NumberExpr mine && there is NumberExpr theirs)
        {
            var x = ExprChildren.Of(Expr)[0];
            var between = await ShareAsync(
                source, Expressions.And(x > Math.Min(mine.Value, theirs.Value), x < Math.Max(mine.Value, theirs.Value)), Expressions.Not(Expressions.IsMissing(x)));
            return Told(between, 1, FormattableString.Invariant($"{mine.Value:G6} here, {theirs.Value:G6} there: "));
        }

        return here is BucketizeExpr or BucketizeByExpr
            ? Told(await ShareAsync(source, Expressions.NotEqual(Place(here), Place(there)), new NumberExpr(1) > 0), CardinalityOf(here) - 2, "")
            // A normal score stands for a share of the rows; its places are as many as gaussianizing has.
            : Told(await ShareAsync(source, Abs(here - there) > 0.02, Expressions.Not(Expressions.IsMissing(here))), NormalPlaces, "");
    }

    /// <param name="boundaries">How many ranks may differ.</param>
    string Told(double share, int boundaries, string prefix) => share <= 2 * Tolerance * boundaries
        ? string.Create(
            CultureInfo.InvariantCulture, $"{prefix}{share:P3} of the rows are elsewhere; {boundaries} ranks within ±{Tolerance:P1} allow {2 * Tolerance * boundaries:P1}")
        : throw new InvalidOperationException($"{Text}: {share:P3} of the rows are in another place.");

    static Expr Abs(Expr x) => new UnaryExpr(UnaryOperator.Absolute, x);

    /// <summary>A bucket as a number.</summary>
    static Expr Place(Expr category) => new PickExpr(category, [.. Enumerable.Range(0, CardinalityOf(category)).Select(index => (double)index)]);

    static int CardinalityOf(Expr category) => category switch
    {
        BucketizeExpr { Boundaries: FixedBoundaries boundaries } => boundaries.Values.Count + 2,
        BucketizeByExpr by => by.Boundaries.Max(boundaries => boundaries.Values.Count) + 2,
        _ => throw new InvalidOperationException($"{category} is no bucket."),
    };

    /// <summary>The share of rows for which a condition is true, of those for which another is.</summary>
    static async Task<double> ShareAsync(IBatchSource source, Expr condition, Expr counted)
    {
        var (tested, all) = (new FrozenExpression(source.Schema, condition), new FrozenExpression(source.Schema, counted));
        var (testing, counting) = (tested.CreateWorkspace(), all.CreateWorkspace());
        var values = new double[1 << 16];
        var (met, of) = (0L, 0L);
        string[] columns = [.. tested.Columns.Concat(all.Columns).Distinct(StringComparer.Ordinal)];
        await foreach (var batch in source.ReadAllAsync(columns, CancellationToken.None))
        {
            tested.Apply(batch, values, testing);
            met += values.AsSpan(0, batch.RowCount).Count(1.0);
            all.Apply(batch, values, counting);
            of += values.AsSpan(0, batch.RowCount).Count(1.0);
        }

        return of == 0 ? 0 : (double)met / of;
    }
}
