using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// pca(x, y, …, component: i): how far a row lies along the i-th (0-based) principal axis of x, y, … over the training rows: the
/// direction in which they vary most, then the one orthogonal to it in which they vary most, and so on. Centred, not scaled:
/// operands of different units want a z_score each. Missing where an operand is; such rows do not count for the axes.
/// </summary>
/// <remarks>
/// The frozen form is (x − mean)·v₁ + (y − mean)·v₂ + …, where v is the i-th eigenvector of the biased covariance by descending
/// eigenvalue, its number of largest magnitude positive. 0 where no row has all operands. tf.Transform's pca gives the same
/// vectors, uncentred and with the sign that LAPACK happens to give.
/// </remarks>
sealed class PrincipalComponent : FittedFunction
{
    public static readonly PrincipalComponent Instance = new();

    PrincipalComponent()
        : base("pca", ValueKind.Number, FittedOperand.Number("x"), FittedOperand.Number("y"))
    {
    }

    internal override bool Repeats => true;

    internal override ImmutableArray<FittedOption> Options => [FittedOption.Whole("component", null, 0, Covariance.MaxWidth - 1)];

    internal override Fitting FittingOf(FittedExpr node) => new Fitting<Covariance>(
        new CovarianceAnalyzer(node.Operands), covariance => Of(node, covariance));

    internal static Expr Of(FittedExpr node, Covariance covariance) => Conclude(node.Operands, covariance, (int)node.Options[0]);

    private protected override string? FurtherMisfit(FittedExpr node) =>
        node.Operands.Count > Covariance.MaxWidth
            ? $"pca takes at most {Covariance.MaxWidth} operands, found {node.Operands.Count}"
        : node.Options[0] >= node.Operands.Count
            ? $"component is {node.Options[0]}, expected 0 to {node.Operands.Count - 1}: there are as many components as operands"
        : null;

    static Expr Conclude(ValueList<Expr> operands, Covariance covariance, int component)
    {
        var matrix = new double[operands.Count, operands.Count];
        for (var left = 0; left < operands.Count; left++)
        {
            for (var right = left; right < operands.Count; right++)
            {
                matrix[left, right] = covariance[left, right];
            }
        }

        var axis = SymmetricEigen.Of(matrix)[component].Vector;
        var means = covariance.Count == 0 ? new double[operands.Count] : covariance.Means;
        var projected = (operands[0] - means[0]) * axis[0];
        for (var index = 1; index < operands.Count; index++)
        {
            projected += (operands[index] - means[index]) * axis[index];
        }

        return covariance.Count == 0 ? projected * 0 : projected;
    }
}

sealed record CovarianceAnalyzer(ValueList<Expr> Operands) : Analyzer<Covariance>(Operands, [])
{
    public override void Observe(Covariance state, in PassRows rows)
    {
        Span<double> values = stackalloc double[Operands.Count];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var operand = 0; operand < values.Length; operand++)
            {
                values[operand] = rows.Numbers(operand)[row];
            }

            state.Observe(values);
        }
    }
}
