using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// mean_by(x, key) and its like: a statistic of x over the training rows that have the row's key. Where the key is missing, was
/// never seen or had fewer than min_rows numbers, the statistic of all rows.
/// </summary>
sealed class StatisticByKey : FittedFunction
{
    public static readonly StatisticByKey Mean = new(Statistic.Mean);
    public static readonly StatisticByKey StandardDeviation = new(Statistic.StandardDeviation);
    public static readonly StatisticByKey Minimum = new(Statistic.Minimum);
    public static readonly StatisticByKey Maximum = new(Statistic.Maximum);
    public static readonly StatisticByKey Range = new(Statistic.Range);

    StatisticByKey(Statistic statistic)
        : base(
            $"{FunctionNames.OfStatistic[statistic]}_by", ValueKind.Number, FittedOperand.Number("x"),
            FittedOperand.Key("key")) =>
        Statistic = statistic;

    internal Statistic Statistic { get; }

    internal override ImmutableArray<FittedOption> Options => [KeyTable.MinRows];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<ByKey<Moments>>(
        new MomentsByKeyAnalyzer(node.Operands[0], node.Operands[1]),
        states => KeyTable.Of(
            node, node.Operands[1], states,
            states.Ordered().Where(each => each.State.Count >= node.Options[0])
                .Select(each => (each.Key, StatisticFitting.ValueOf(Statistic, each.State))),
            StatisticFitting.ValueOf(Statistic, states.Overall)));
}

/// <summary>
/// count_by(key): how many training rows had the row's key; 0 for keys never seen and where the key is missing.
/// </summary>
sealed class CountByKey : FittedFunction
{
    public static readonly CountByKey Instance = new();

    CountByKey()
        : base("count_by", ValueKind.Number, FittedOperand.Key("key"))
    {
    }

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<TopValues>(
        new ValuesAnalyzer(node.Operands[0]),
        values => values.IsExact
            ? KeyTable.Of(node.Operands[0], values.Ordered().Select(value => (value.Text, (double)value.Count)), 0)
            : throw new KeysFullException(node.ToString(), node.Operands[0].ToString(), values.MaxValues));
}

sealed record MomentsByKeyAnalyzer(Expr X, Expr Key) : Analyzer<ByKey<Moments>>([X], [Key])
{
    public override void Observe(ByKey<Moments> state, in PassRows rows)
    {
        var x = rows.Numbers(0);
        var keys = rows.Texts(0);
        state.Overall.Observe(x);
        for (var row = 0; row < x.Length; row++)
        {
            if (keys.IsPresent(row) && !double.IsNaN(x[row]))
            {
                state.At(keys[row])?.Observe(x[row]);
            }
        }
    }
}
