using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// What one pass over the data finds out for the expressions that need it: mergeable states by operand, from which any number
/// of buckets, statistics and vocabulary sizes is concluded without reading the data again.
/// </summary>
public sealed class Analysis
{
    readonly string _rows;
    readonly AnalysisFolder? _kept;
    readonly TableStatistics? _known;
    readonly Plan _plan;
    readonly Frame _frame;

    // Whatever its origin: known, kept from an earlier pass, or observed by this one.
    readonly Dictionary<Expr, Moments> _moments = [];
    readonly Dictionary<Expr, QuantileSketch> _quantiles = [];
    readonly Dictionary<Expr, TopValues> _values = [];

    // What this pass observes.
    readonly List<(Expr Operand, Moments? Moments, QuantileSketch? Quantiles)> _numbers = [];
    readonly List<(Expr Operand, TopValues Values)> _texts = [];

    /// <param name="pending">Nodes that need a pass, over operands that need none.</param>
    /// <param name="rows">The fingerprint of the rows that the pass will read.</param>
    /// <param name="known">Statistics of the same rows, from which nodes over plain columns are concluded without another pass.</param>
    /// <param name="kept">States of earlier passes, over these rows or others.</param>
    internal Analysis(Schema schema, IReadOnlyList<Expr> pending, string rows, TableStatistics? known, AnalysisFolder? kept)
    {
        (_rows, _known, _kept) = (rows, known, kept);
        foreach (var group in pending.Where(node => node is not VocabularyExpr).GroupBy(node => ExprChildren.Of(node)[0]))
        {
            var moments = group.Any(node => node is StatisticExpr { Statistic: not Statistic.Quantile })
                ? Find(_moments, group.Key, KnownStatistics(group.Key)?.Numbers) : null;
            var quantiles = group.Any(node => node is BucketizeExpr or StatisticExpr { Statistic: Statistic.Quantile })
                ? Find(_quantiles, group.Key, KnownStatistics(group.Key)?.Quantiles) : null;
            if ((moments ?? (object?)quantiles) is not null)
            {
                _numbers.Add((group.Key, moments, quantiles));
            }
        }

        foreach (var operand in pending.OfType<VocabularyExpr>().Select(node => node.Operand).Distinct())
        {
            // Statistics keep fewer values than a vocabulary's own count does.
            if (Find(_values, operand, KnownStatistics(operand)?.Values is { IsExact: true } values ? values : null) is { } observed)
            {
                _texts.Add((operand, observed));
            }
        }

        _plan = PlanCompiler.Compile(schema, [.. _numbers.Select(each => each.Operand)], [.. _texts.Select(each => each.Operand)]);
        _frame = new Frame(_plan);
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

    /// <summary>Keeps what this pass observed, once it has seen all rows.</summary>
    internal void Keep()
    {
        foreach (var (operand, moments, quantiles) in _numbers)
        {
            KeepState(operand, moments);
            KeepState(operand, quantiles);
        }

        foreach (var (operand, values) in _texts)
        {
            KeepState(operand, values);
        }

        void KeepState<T>(Expr operand, T? state)
            where T : class, IStoredState<T>
        {
            if (state is not null)
            {
                _kept?.Keep(_rows, operand.ToString(), state);
            }
        }
    }

    /// <summary>Replaces a node that needed this pass by its constant form.</summary>
    /// <exception cref="VocabularyFullException">A vocabulary's column has more distinct values than can be counted exactly.</exception>
    internal Expr Conclude(Expr node) => node switch
    {
        StatisticExpr { Statistic: Statistic.Quantile } quantile => new NumberExpr(ValueOf(_quantiles[quantile.Operand], quantile.Argument)),
        StatisticExpr statistic => new NumberExpr(ValueOf(statistic.Statistic, _moments[statistic.Operand])),
        BucketizeExpr { Boundaries: QuantileBoundaries boundaries } bucketize =>
            bucketize with { Boundaries = new FixedBoundaries([.. _quantiles[bucketize.Operand].Boundaries(boundaries.Buckets)]) },
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
        var values = _values[vocabulary.Operand];
        if (!values.IsExact)
        {
            throw new VocabularyFullException(vocabulary.Operand.ToString(), values.MaxValues);
        }

        return new FixedTerms(
            [.. values.Ordered(terms.MaxSize).TakeWhile(value => value.Count >= terms.MinCount).Select(value => value.Text)],
            terms.UnknownBuckets);
    }

    /// <summary>Puts an operand's state among the states.</summary>
    /// <returns>An empty one to observe into, or null where the state is there already.</returns>
    T? Find<T>(Dictionary<Expr, T> states, Expr operand, T? known)
        where T : class, IStoredState<T>, IMergeable<T>
    {
        if ((known ?? _kept?.Find<T>(_rows, operand.ToString())) is { } state)
        {
            states.Add(operand, state);
            return null;
        }

        states.Add(operand, T.Empty);
        return states[operand];
    }

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
