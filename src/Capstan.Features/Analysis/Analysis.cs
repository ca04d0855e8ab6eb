using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What one pass over the data finds out for the expressions that need it: mergeable states by operand, from which any number
/// of buckets, statistics and vocabulary sizes is concluded without reading the data again.
/// </summary>
public sealed class Analysis
{
    readonly Plan _plan;
    readonly Frame _frame;
    readonly List<(Expr Operand, Moments? Moments, QuantileSketch? Quantiles)> _numbers = [];
    readonly List<(Expr Operand, TopValues Values)> _texts = [];
    readonly TableStatistics? _known;

    /// <param name="pending">Nodes that need a pass, over operands that need none.</param>
    /// <param name="known">Statistics of the same rows, from which nodes over plain columns are concluded without another pass.</param>
    internal Analysis(Schema schema, IReadOnlyList<Expr> pending, TableStatistics? known)
    {
        _known = known;
        foreach (var group in pending.Where(node => node is not VocabularyExpr).GroupBy(node => ExprChildren.Of(node)[0]))
        {
            if (KnownStatistics(group.Key)?.Numbers is null)
            {
                _numbers.Add((
                    group.Key,
                    group.Any(node => node is StatisticExpr { Statistic: not Statistic.Quantile }) ? Moments.Empty : null,
                    group.Any(node => node is BucketizeExpr or StatisticExpr { Statistic: Statistic.Quantile }) ? QuantileSketch.Empty : null));
            }
        }

        foreach (var operand in pending.OfType<VocabularyExpr>().Select(node => node.Operand).Distinct())
        {
            // Statistics keep fewer values than a vocabulary's own count does.
            if (KnownStatistics(operand)?.Values is not { IsExact: true })
            {
                _texts.Add((operand, TopValues.Empty));
            }
        }

        _plan = PlanCompiler.Compile(schema, [.. _numbers.Select(each => each.Operand)], [.. _texts.Select(each => each.Operand)]);
        _frame = new Frame(_plan);
    }

    Analysis(Analysis left, Analysis right)
    {
        (_plan, _frame, _known) = (left._plan, left._frame, left._known);
        _numbers = [.. left._numbers.Zip(right._numbers, (x, y) => (x.Operand, x.Moments?.Merge(y.Moments!), x.Quantiles?.Merge(y.Quantiles!)))];
        _texts = [.. left._texts.Zip(right._texts, (x, y) => (x.Operand, x.Values.Merge(y.Values)))];
    }

    /// <summary>Whether anything is left that only reading the rows can tell.</summary>
    public bool NeedsPass => _numbers.Count + _texts.Count > 0;

    /// <summary>The raw columns that the pass reads.</summary>
    public IReadOnlyList<string> Columns => _plan.Columns;

    public void Observe(ColumnBatch batch)
    {
        _plan.Bind(_frame, batch);
        for (var start = 0; start < batch.RowCount; start += Frame.TileRows)
        {
            _plan.Run(_frame, start, Math.Min(Frame.TileRows, batch.RowCount - start));
            for (var index = 0; index < _numbers.Count; index++)
            {
                var values = _frame.Number(_plan.Roots[index].Register);
                _numbers[index].Moments?.Observe(values);
                _numbers[index].Quantiles?.Observe(values);
            }

            for (var index = 0; index < _texts.Count; index++)
            {
                Observe(_texts[index].Values, _frame.Texts[_plan.TextRoots[index]]);
            }
        }
    }

    /// <summary>The analysis of both operands' rows. Both must come from the same graph.</summary>
    public Analysis Merge(Analysis other) => new(this, other);

    /// <summary>Replaces a node that needed this pass by its constant form.</summary>
    /// <exception cref="VocabularyFullException">A vocabulary's column has more distinct values than can be counted exactly.</exception>
    internal Expr Conclude(Expr node) => node switch
    {
        StatisticExpr { Statistic: Statistic.Quantile } quantile => new NumberExpr(ValueOf(QuantilesOf(quantile.Operand), quantile.Argument)),
        StatisticExpr statistic => new NumberExpr(ValueOf(statistic.Statistic, MomentsOf(statistic.Operand))),
        BucketizeExpr { Boundaries: QuantileBoundaries boundaries } bucketize =>
            bucketize with { Boundaries = new FixedBoundaries([.. QuantilesOf(bucketize.Operand).Boundaries(boundaries.Buckets)]) },
        VocabularyExpr { Terms: LearnedTerms terms } vocabulary => vocabulary with { Terms = TermsOf(vocabulary, terms) },
        _ => throw new UnreachableException(),
    };

    // 0 of no values, as the other statistics are.
    static double ValueOf(QuantileSketch quantiles, double share) => quantiles.Count == 0 ? 0 : quantiles.Quantile(share);

    static double ValueOf(Statistic statistic, Moments moments) => statistic switch
    {
        Statistic.Mean => moments.Mean,
        Statistic.StandardDeviation => OneIfZero(moments.StandardDeviation),
        Statistic.Minimum => moments.Min,
        Statistic.Maximum => moments.Max,
        Statistic.Range => OneIfZero(Math.Min(moments.Max - moments.Min, double.MaxValue)),
        _ => throw new UnreachableException(),
    };

    FixedTerms TermsOf(VocabularyExpr vocabulary, LearnedTerms terms)
    {
        var values = _texts.Find(each => each.Operand.Equals(vocabulary.Operand)).Values
            ?? KnownStatistics(vocabulary.Operand)!.Values!; // the constructor counts whatever is not known
        if (!values.IsExact)
        {
            throw new VocabularyFullException(vocabulary.Operand.ToString(), values.MaxValues);
        }

        return new FixedTerms(
            [.. values.Ordered(terms.MaxSize).TakeWhile(value => value.Count >= terms.MinCount).Select(value => value.Text)],
            terms.UnknownBuckets);
    }

    // Either the constructor made a state for the operand, or it is known.
    Moments MomentsOf(Expr operand) =>
        _numbers.Find(each => each.Operand.Equals(operand)).Moments ?? KnownStatistics(operand)!.Numbers!;

    QuantileSketch QuantilesOf(Expr operand) =>
        _numbers.Find(each => each.Operand.Equals(operand)).Quantiles ?? KnownStatistics(operand)!.Quantiles!;

    ColumnStatistics? KnownStatistics(Expr operand) =>
        operand is ColumnExpr column && _known is not null && _known.Schema.IndexOf(column.Name) >= 0 ? _known[column.Name] : null;

    static double OneIfZero(double value) => value == 0 ? 1 : value;

    void Observe(TopValues values, TextRows texts)
    {
        for (var row = 0; row < _frame.Count; row++)
        {
            if (texts.IsPresent(row))
            {
                values.Observe(texts[row]);
            }
        }
    }
}

/// <summary>A vocabulary's operand has more distinct values than are counted exactly.</summary>
public sealed class VocabularyFullException(string operand, int limit) : Exception(
    $"'{operand}' has more than {limit:N0} distinct values (or they are very long), too many for an exact vocabulary. " +
    $"Hash it instead: hash({operand}, buckets: 100000).")
{
    public string Operand { get; } = operand;

    public int Limit { get; } = limit;
}
