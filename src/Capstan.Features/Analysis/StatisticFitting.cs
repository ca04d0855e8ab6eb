using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Statistics become numbers. Of no values they are 0, and what is divided by is 1.</summary>
static class StatisticFitting
{
    public static Fitting Of(StatisticExpr node) => node.Statistic == Statistic.Quantile
        ? new Fitting<QuantileSketch>(
            new QuantilesAnalyzer(node.Operand),
            quantiles => new NumberExpr(quantiles.Count == 0 ? 0 : quantiles.Quantile(node.Argument)))
        : new Fitting<Moments>(new MomentsAnalyzer(node.Operand), moments => new NumberExpr(ValueOf(node.Statistic, moments)));

    public static double ValueOf(Statistic statistic, Moments moments) => statistic switch
    {
        Statistic.Mean => moments.Mean,
        Statistic.StandardDeviation => OneIfZero(moments.StandardDeviation),
        Statistic.Minimum => moments.Min,
        Statistic.Maximum => moments.Max,
        Statistic.Range => OneIfZero(Math.Min(moments.Max - moments.Min, double.MaxValue)),
        _ => throw new UnreachableException(),
    };

    static double OneIfZero(double value) => value == 0 ? 1 : value;
}
