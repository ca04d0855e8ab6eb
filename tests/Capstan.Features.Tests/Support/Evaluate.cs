using Capstan.Data;

namespace Capstan.Features.Tests;

/// <summary>An expression's values, found by the engine and by the row reference, which must agree.</summary>
static class Evaluate
{
    /// <summary>Number by number; null is missing.</summary>
    public static double?[] Numbers(string expression, ColumnBatch rows) => Numbers(ExprParser.Parse(expression), rows);

    public static double?[] Numbers(Expr expr, ColumnBatch rows)
    {
        var frozen = new FrozenExpression(rows.Schema, expr);
        var values = new double[rows.RowCount];
        frozen.Apply(rows, values, frozen.CreateWorkspace());
        double?[] found = [.. values.Select(value => double.IsNaN(value) ? (double?)null : value)];
        Assert.Equal(Enumerable.Range(0, rows.RowCount).Select(row => RowReference.Number(RowReference.Evaluate(expr, rows, row))), found);
        return found;
    }

    /// <summary>List by list, the items joined by '|'; null is missing.</summary>
    public static string?[] Lists(string expression, ColumnBatch rows)
    {
        var expr = ExprParser.Parse(expression);
        var plan = PlanCompiler.Compile(rows.Schema, [expr]);
        var frame = new Frame(plan);
        plan.Bind(frame, rows);
        var found = new List<string?>();
        for (var start = 0; start < rows.RowCount; start += Frame.TileRows)
        {
            plan.Run(frame, start, Math.Min(Frame.TileRows, rows.RowCount - start));
            var lists = frame.Lists[plan.Roots[0].Register];
            found.AddRange(Enumerable.Range(0, frame.Count)
                .Select(row => lists.Column.ValueAt(lists.Start + row) is string[] items ? string.Join('|', items) : null));
        }

        Assert.Equal(
            Enumerable.Range(0, rows.RowCount).Select(row => RowReference.Evaluate(expr, rows, row) is ValueList<string> items ? string.Join('|', items) : null), found);
        return [.. found];
    }

    /// <summary>Text by text; null is missing.</summary>
    public static string?[] Texts(string expression, ColumnBatch rows)
    {
        var expr = ExprParser.Parse(expression);
        var plan = PlanCompiler.Compile(rows.Schema, [expr]);
        var frame = new Frame(plan);
        plan.Bind(frame, rows);
        var found = new List<string?>();
        for (var start = 0; start < rows.RowCount; start += Frame.TileRows)
        {
            plan.Run(frame, start, Math.Min(Frame.TileRows, rows.RowCount - start));
            var texts = frame.Texts[plan.Roots[0].Register];
            found.AddRange(Enumerable.Range(0, frame.Count).Select(row => texts.IsPresent(row) ? System.Text.Encoding.UTF8.GetString(texts[row]) : null));
        }

        Assert.Equal(Enumerable.Range(0, rows.RowCount).Select(row => (string?)RowReference.Evaluate(expr, rows, row)), found);
        return [.. found];
    }
}
