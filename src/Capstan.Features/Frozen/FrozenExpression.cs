using Capstan.Data;

namespace Capstan.Features;

/// <summary>One frozen number (or truth: 1 or 0) computed from raw columns, such as a label or an example weight.</summary>
public sealed class FrozenExpression
{
    readonly Plan _plan;

    /// <exception cref="ExpressionException">The expression needs a full pass, is ill-typed, or yields no number.</exception>
    public FrozenExpression(Schema input, Expr expr)
    {
        ExprBounds.Check(expr);
        if (!ExprChildren.IsFrozen(expr))
        {
            throw new ExpressionException(expr, "statistics over the data are not possible here.");
        }

        Kind = ExprTyping.KindOf(expr, input);
        if (Kind is not (ValueKind.Number or ValueKind.Truth))
        {
            throw new ExpressionException(expr,
                $"a {Kind.ToString().ToLowerInvariant()} was found, expected a number or a condition such as {expr} == 'yes'.");
        }

        Expr = expr;
        _plan = PlanCompiler.Compile(input, [expr]);
    }

    public Expr Expr { get; }

    /// <summary>Number or truth.</summary>
    public ValueKind Kind { get; }

    public IReadOnlyList<string> Columns => _plan.Columns;

    public TransformWorkspace CreateWorkspace() => new(_plan);

    /// <summary>Computes the value of every row.</summary>
    /// <param name="values">[input.RowCount], overwritten; NaN where the value is missing.</param>
    public void Apply(ColumnBatch input, Span<double> values, TransformWorkspace workspace)
    {
        var frame = workspace.Frame;
        _plan.Bind(frame, input);
        for (var start = 0; start < input.RowCount; start += Frame.TileRows)
        {
            _plan.Run(frame, start, Math.Min(Frame.TileRows, input.RowCount - start));
            frame.Number(_plan.Roots[0].Register).CopyTo(values[start..]);
        }
    }
}
