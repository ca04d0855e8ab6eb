using Capstan.Data;

namespace Capstan.Features.Tests.Parity;

/// <summary>One of the ways to compute frozen expressions, to be held to <see cref="RowReference"/>. A database is one more, by one more entry in the suite.</summary>
abstract class Execution(string name)
{
    public string Name { get; } = name;

    /// <summary>The name of the part that can't be computed here, such as a function; null where all can.</summary>
    public virtual string? Refuses(Expr expr) => null;

    /// <summary>What an expression's values are held to; null where errors of its parts may grow to anything, so that they are only counted.</summary>
    public virtual Closeness? BoundOf(Expr expr) => Closeness.ToTheBit;

    /// <summary>The values of each expression: double (truths are 1 and 0) or long (categories), null where missing; [expressions][rows].</summary>
    public abstract object?[][] Run(IReadOnlyList<Expr> expressions, ColumnBatch rows);

    /// <summary>What stands before the operands of a part: the name of its function.</summary>
    protected static string NameOf(string part) => part.Contains('(', StringComparison.Ordinal) ? part[..part.IndexOf('(', StringComparison.Ordinal)] : part;
}

/// <summary>The columnar engine, in the double precision of its registers.</summary>
sealed class EngineExecution() : Execution("engine")
{
    public override object?[][] Run(IReadOnlyList<Expr> expressions, ColumnBatch rows)
    {
        var plan = PlanCompiler.Compile(rows.Schema, [.. expressions]);
        var frame = new Frame(plan);
        plan.Bind(frame, rows);
        plan.Run(frame, 0, rows.RowCount);
        return [.. plan.Roots.Select(root => Enumerable.Range(0, rows.RowCount).Select(row => ValueOf(frame, root, row)).ToArray())];
    }

    static object? ValueOf(Frame frame, Root root, int row) => root.Kind == ValueKind.Category
        ? (long)frame.Categories[root.Register][row]
        : frame.Numbers[root.Register][row] is var number && double.IsNaN(number) ? null : number;
}
