using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace Capstan.Features;

/// <summary>
/// Expressions written as C# lambdas over a record type: <c>(Trip t) => t.Distance / Math.Max(t.Hours, 0.01)</c>. The lambda is
/// never run: its tree is translated, once, to the same <see cref="Expr"/> that text or operators make.
/// </summary>
/// <remarks>
/// What the lambda gives for an object, the expression gives for its row, to the bit, wherever C# gives a value, every number on
/// the way is finite, and whole numbers neither overflow (as if <c>checked</c>) nor pass 2⁵³ in magnitude; −0 is 0, times count
/// microseconds, and differences of times stay below 28 years. Where C# throws (null, a division of whole numbers by zero) or a
/// number is not finite, the expression is missing. What can't be had exactly is refused by name: docs/decisions/0130. <see
/// cref="Feature"/> holds what C# has no word for.
/// </remarks>
public static class ExprLambda
{
    /// <param name="lambda">Reads public properties of the row, which are columns as <see cref="RecordColumns"/> says.</param>
    /// <param name="text">The lambda as it was written, for messages; the compiler gives it.</param>
    /// <exception cref="LambdaException">A part of the lambda has no translation.</exception>
    /// <exception cref="ArgumentException">The expression is too large.</exception>
    public static Expr Of<TRow, TValue>(
        Expression<Func<TRow, TValue>> lambda, [CallerArgumentExpression(nameof(lambda))] string? text = null)
    {
        var expr = new LambdaTranslation(lambda, text ?? CSharpText.Of(lambda)).Translate();
        ExprBounds.Check(expr);
        return expr;
    }
}
