using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan;

/// <summary>What to predict can't be learned: it is missing, constant, or of the wrong kind.</summary>
public sealed class LabelException(string label, string problem) : Exception($"The label '{label}' can't be learned: {problem}")
{
    public string Label { get; } = label;
}

/// <summary>Turns the label that a person wrote into an expression that a learner understands, by a look at its values.</summary>
static class LabelResolution
{
    /// <exception cref="LabelException">
    /// The label is missing in the data, is constant, or does not suit the estimator.
    /// </exception>
    public static LabelDefinition Resolve(string text, ModelTask task, Schema schema, TableStatistics statistics)
    {
        var expr = ExprParser.Parse(text);
        if (ExprChildren.ColumnsOf(expr).FirstOrDefault(name => schema.IndexOf(name) < 0) is { } unknown)
        {
            throw new LabelException(text, new UnknownColumnException(unknown, schema.Names).Message);
        }

        var kind = ExprTyping.KindOf(expr, schema);
        if (expr is ColumnExpr column)
        {
            if (statistics[column.Name].PresentCount == 0)
            {
                throw new LabelException(
                    text, $"all {statistics.RowCount:N0} rows lack it. Name another column, or check the file.");
            }

            if (statistics[column.Name].Numbers is { } numbers && numbers.Min == numbers.Max)
            {
                throw new LabelException(text, $"all rows have the same value {numbers.Min}; there is nothing to tell apart.");
            }
        }

        return task == ModelTask.Regression
            ? new LabelDefinition(RequireNumber(text, expr, kind), null)
            : Classification(text, expr, kind, statistics);
    }

    /// <summary>What a label asks for: a number of more than two values a regression, everything else a classification.</summary>
    /// <exception cref="LabelException">The label is missing in the data, constant, or can't be learned at all.</exception>
    public static ModelTask TaskFor(string text, Schema schema, TableStatistics statistics)
    {
        var expr = ExprParser.Parse(text);
        var isKnown = ExprChildren.ColumnsOf(expr).All(name => schema.IndexOf(name) >= 0);
        var task = isKnown && ExprTyping.KindOf(expr, schema) == ValueKind.Number
            && (expr is not ColumnExpr column || !HasFewValues(statistics[column.Name]))
                ? ModelTask.Regression
                : ModelTask.BinaryClassification;
        _ = Resolve(text, task, schema, statistics);
        return task;
    }

    /// <summary>At most two values, of all rows.</summary>
    /// <remarks>
    /// The sketch tells at a glance, but may have dropped a rare value. Moments drop none: (x − min)(max − x) is 0 at both ends and
    /// positive between them, and its mean over all rows is (mean − min)(max − mean) − variance. A single third value in the middle of
    /// a billion rows is twenty times the tolerance, which covers rounding.
    /// </remarks>
    static bool HasFewValues(ColumnStatistics column) =>
        column is { PresentCount: > 0, Numbers: { } numbers, Quantiles: { } quantiles }
        && quantiles.ShareAtOrBelow(Math.BitDecrement(numbers.Max)) <= quantiles.ShareAtOrBelow(numbers.Min)
        && (numbers.Mean - numbers.Min) * (numbers.Max - numbers.Mean) - numbers.Variance
            <= 1e-11 * (numbers.Max - numbers.Min) * (numbers.Max - numbers.Min);

    static Expr RequireNumber(string text, Expr expr, ValueKind kind) => kind is ValueKind.Number or ValueKind.Truth
        ? expr
        : throw new LabelException(
            text,
            $"it is a {kind.ToString().ToLowerInvariant()}; a regressor predicts numbers. " +
            "Use a classifier, or an expression that yields a number.");

    static LabelDefinition Classification(string text, Expr expr, ValueKind kind, TableStatistics statistics)
    {
        switch (kind, expr)
        {
            case (ValueKind.Truth, _):
                return new LabelDefinition(expr, new ClassNames("false", "true", DataType.Boolean));
            case (ValueKind.Text, ColumnExpr column):
                var values = statistics[column.Name].Values!.Ordered(4); // a text column's
                if (values.Count != 2)
                {
                    throw new LabelException(
                        text,
                        values.Count == 1 ? $"all rows have the same value '{values[0].Text}'."
                        : $"it has more than two values ({string.Join(", ", values.Select(value => $"'{value.Text}'"))}); " +
                        $"write a condition, such as {expr} == '{values[0].Text}'.");
                }

                var names = values.Select(value => value.Text).Order(StringComparer.Ordinal).ToArray();
                return new LabelDefinition(
                    Expressions.Equal(expr, new TextExpr(names[1])), new ClassNames(names[0], names[1], DataType.Text));
            case (ValueKind.Number, ColumnExpr column) when statistics[column.Name].Numbers is { } numbers:
                var (low, high) = (numbers.Min, numbers.Max);
                return HasFewValues(statistics[column.Name])
                    ? new LabelDefinition(
                        Expressions.Equal(expr, new NumberExpr(high)),
                        new ClassNames(CategoryText.Of(low), CategoryText.Of(high), DataType.Float64))
                    : throw new LabelException(
                        text,
                        $"it has more than two values, from {low} to {high}; " +
                        $"write a condition, such as {expr} > {(low + high) / 2:G4}, or use a regressor.");
            default:
                throw new LabelException(
                    text,
                    $"it is a {kind.ToString().ToLowerInvariant()}; a classifier needs two classes. " +
                    $"Write a condition, such as {expr} > 0.");
        }
    }
}
