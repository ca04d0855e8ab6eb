using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// sum(x) and variance(x): of the training rows that have x; 0 where none has. The variance is biased, as tf.Transform's.
/// </summary>
sealed class Total : FittedFunction
{
    public static readonly Total Sum = new("sum", moments => moments.Mean * moments.Count);
    public static readonly Total Variance = new("variance", moments => moments.Variance);

    readonly Func<Moments, double> _conclude;

    Total(string name, Func<Moments, double> conclude)
        : base(name, ValueKind.Number, FittedOperand.Number("x")) => _conclude = conclude;

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<Moments>(
        new MomentsAnalyzer(node.Operands[0]), moments =>
            new NumberExpr(Math.Clamp(_conclude(moments), double.MinValue, double.MaxValue)));
}

/// <summary>covariance(x, y): over the training rows that have both; biased, 0 where none has.</summary>
sealed class CovarianceOf : FittedFunction
{
    public static readonly CovarianceOf Instance = new();

    CovarianceOf()
        : base("covariance", ValueKind.Number, FittedOperand.Number("x"), FittedOperand.Number("y"))
    {
    }

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<Covariance>(new CovarianceAnalyzer(node.Operands), Of);

    internal static Expr Of(Covariance covariance) => new NumberExpr(covariance.Count == 0 ? 0 : covariance[0, 1]);
}
