namespace Capstan.Features;

/// <summary>
/// How large one expression may be. Everything that walks trees does so by recursion, and functions such as z_score repeat
/// their operand, so that a short text can stand for a tree without end; what passes here is safe to walk, print and store.
/// </summary>
static class ExprBounds
{
    /// <summary>A few kilobytes of stack for each level are still far from what a thread has.</summary>
    public const int MaxDepth = 250;

    /// <summary>Nodes, counted wherever they stand in the tree.</summary>
    public const int MaxNodes = 20_000;

    /// <exception cref="ArgumentException">The expression is too large.</exception>
    public static void Check(Expr expr)
    {
        if (Excess(expr) is { } problem)
        {
            throw new ArgumentException(problem, nameof(expr));
        }
    }

    /// <summary>
    /// What is too large about an expression, as a sentence; null where nothing is. Takes bounded time and stack for any tree.
    /// </summary>
    public static string? Excess(Expr expr)
    {
        var nodes = 0;
        return Walk(expr, 1);

        string? Walk(Expr node, int depth)
        {
            if (depth > MaxDepth)
            {
                return $"The expression nests deeper than {MaxDepth} levels; make several features of it.";
            }

            if (++nodes > MaxNodes)
            {
                return $"The expression has more than {MaxNodes:N0} parts (z_score and min_max repeat what they scale); make " +
                    $"several features of it.";
            }

            foreach (var child in ExprChildren.Of(node))
            {
                if (Walk(child, depth + 1) is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }
    }
}
