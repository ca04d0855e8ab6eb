using System.Globalization;
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
    /// <summary>More values than these are no classes but a number, a name or a text that was meant as something else.</summary>
    public const int MostClasses = 1000;

    /// <param name="classify">Whether classes are wanted, two or more; otherwise a number is.</param>
    /// <exception cref="LabelException">
    /// The label is missing in the data, is constant, or does not suit the estimator.
    /// </exception>
    public static LabelDefinition Resolve(string text, bool classify, Schema schema, TableStatistics statistics) =>
        Resolve(text, classify, schema, FactsOf(text, schema, statistics));

    /// <param name="classify">Whether classes are wanted, two or more; otherwise a number is.</param>
    /// <param name="facts">Of the column that the label is; null where it is another expression.</param>
    /// <exception cref="LabelException">
    /// The label is missing in the data, is constant, or does not suit the estimator.
    /// </exception>
    public static LabelDefinition Resolve(string text, bool classify, Schema schema, ColumnFacts? facts)
    {
        var expr = Known(text, schema);
        var kind = ExprTyping.KindOf(expr, schema);
        if (facts is { Present: 0 })
        {
            throw new LabelException(text, $"all {facts.Rows:N0} rows lack it. Name another column, or check the file.");
        }

        if (facts is { Ends: (var low, var high) } && low == high)
        {
            throw new LabelException(text, $"all rows have the same value {low}; there is nothing to tell apart.");
        }

        return classify
            ? Classification(text, expr, kind, schema, facts)
            : new LabelDefinition(RequireNumber(text, expr, kind), null);
    }

    /// <summary>The label of a model whose classes are known, in their order: what its scores are numbered by.</summary>
    /// <param name="schema">Has the label's columns.</param>
    /// <exception cref="LabelException">The label can't be one of these classes.</exception>
    public static LabelDefinition OfClasses(string text, Expr expr, ClassNames classes, Schema schema)
    {
        var kind = ExprTyping.KindOf(expr, schema);
        if (kind is not (ValueKind.Truth or ValueKind.Text or ValueKind.Number))
        {
            throw new LabelException(
                text, $"it is a {kind.ToString().ToLowerInvariant()}; the model tells the classes {classes} apart.");
        }

        if (classes.Count > 2)
        {
            return new LabelDefinition(NumberOf(expr, classes.Names), classes);
        }

        return new LabelDefinition(
            kind switch
            {
                ValueKind.Truth => expr,
                ValueKind.Number when double.TryParse(classes.Positive, CultureInfo.InvariantCulture, out var positive) =>
                    Expressions.Equal(expr, new NumberExpr(positive)),
                ValueKind.Number => throw new LabelException(
                    text, $"it is a number, and the model tells the classes {classes} apart. Write a condition for '{classes.Positive}'."),
                _ => Expressions.Equal(expr, new TextExpr(classes.Positive)),
            },
            classes);
    }

    /// <summary>What a label asks for: a number of more than two values a regression, everything else a classification.</summary>
    /// <exception cref="LabelException">The label is missing in the data, constant, or can't be learned at all.</exception>
    public static bool AsksForClasses(string text, Schema schema, TableStatistics statistics)
    {
        var expr = ExprParser.Parse(text);
        var isKnown = ExprChildren.ColumnsOf(expr).All(name => schema.IndexOf(name) >= 0);
        var isNumber = isKnown && ExprTyping.KindOf(expr, schema) == ValueKind.Number
            && (expr is not ColumnExpr column || !HasFewValues(statistics[column.Name]));
        _ = Resolve(text, !isNumber, schema, statistics);
        return !isNumber;
    }

    /// <summary>The column that a label is, or null where it is another expression.</summary>
    /// <exception cref="LabelException">It names a column that is not there.</exception>
    public static string? ColumnOf(string text, Schema schema) => (Known(text, schema) as ColumnExpr)?.Name;

    static Expr Known(string text, Schema schema)
    {
        var expr = ExprParser.Parse(text);
        return ExprChildren.ColumnsOf(expr).FirstOrDefault(name => schema.IndexOf(name) < 0) is { } unknown
            ? throw new LabelException(text, new UnknownColumnException(unknown, schema.Names).Message)
            : expr;
    }

    static ColumnFacts? FactsOf(string text, Schema schema, TableStatistics statistics)
    {
        if (ColumnOf(text, schema) is not { } name)
        {
            return null;
        }

        var column = statistics[name];
        return new ColumnFacts(
            statistics.RowCount, column.PresentCount, column is { PresentCount: > 0, Numbers: { } numbers }
                ? (numbers.Min, numbers.Max) : null,
            !HasFewValues(column), column.Type == DataType.Text
                ? [.. column.Values!.Ordered(MostClasses + 1).Select(value => value.Text)] : []); // a text column's
    }

    /// <summary>At most two values, of all rows.</summary>
    /// <remarks>
    /// The sketch tells at a glance, but may have dropped a rare value. Moments drop none: (x − min)(max − x) is 0 at both ends
    /// and positive between them, and its mean over all rows is (mean − min)(max − mean) − variance. A single third value in the
    /// middle of a billion rows is twenty times the tolerance, which covers rounding.
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

    static LabelDefinition Classification(string text, Expr expr, ValueKind kind, Schema schema, ColumnFacts? facts)
    {
        switch (kind, facts)
        {
            case (ValueKind.Truth, _):
                return new LabelDefinition(expr, new ClassNames("false", "true", DataType.Boolean));
            case (ValueKind.Text, { Frequent: var values }):
                return TextClasses(text, expr, values);
            case (ValueKind.Number, { Ends: (var low, var high), HasMore: var hasMore }):
                return !hasMore
                    ? new LabelDefinition(
                        Expressions.Equal(expr, new NumberExpr(high)),
                        new ClassNames(CategoryText.Of(low), CategoryText.Of(high), DataType.Float64))
                    : expr is ColumnExpr { Name: var name } && schema[name].Type == DataType.Int64 && high - low < MostClasses
                    ? WholeNumberClasses(expr, (long)low, (long)high)
                    : throw new LabelException(
                        text,
                        $"it has more than two values, from {low} to {high}, which are no classes unless they are whole " +
                            $"numbers less " +
                        $"than {MostClasses:N0} apart; write a condition, such as {expr} > {(low + high) / 2:G4}, or use a " +
                            $"regressor.");
            default:
                throw new LabelException(
                    text,
                    $"it is a {kind.ToString().ToLowerInvariant()}; a classifier needs two classes. " +
                    $"Write a condition, such as {expr} > 0.");
        }
    }

    static LabelDefinition TextClasses(string text, Expr expr, IReadOnlyList<string> values)
    {
        if (values.Count is < 2 or > MostClasses)
        {
            throw new LabelException(
                text,
                values.Count == 1 ? $"all rows have the same value '{values[0]}'."
                : $"it has more than {MostClasses:N0} values " +
                $"({string.Join(", ", values.Take(4).Select(value => $"'{value}'"))}, …), too many for classes; " +
                $"write a condition, such as {expr} == '{values[0]}', or leave rare values out with the filter.");
        }

        string[] names = [.. values.Order(StringComparer.Ordinal)];
        if (names.Length == 2)
        {
            return new LabelDefinition(
                Expressions.Equal(expr, new TextExpr(names[1])), new ClassNames(names[0], names[1], DataType.Text));
        }

        return new LabelDefinition(NumberOf(expr, [.. names]), new ClassNames([.. names], DataType.Text));
    }

    /// <summary>The place of a class among some; whatever is none of them, and what is missing, is no class: −1.</summary>
    static PickExpr NumberOf(Expr expr, ValueList<string> names) => new(
        new VocabularyExpr(expr, new FixedTerms(names, 1)),
        [.. Enumerable.Range(0, names.Count).Select(index => (double)index), -1, -1]);

    /// <summary>Every whole number from the lowest to the highest is a class, also those that no row has.</summary>
    static LabelDefinition WholeNumberClasses(Expr expr, long low, long high)
    {
        string[] names = [.. Enumerable.Range(0, (int)(high - low) + 1).Select(step => CategoryText.Of(low + step))];
        var number = low == 0 ? expr : new BinaryExpr(BinaryOperator.Subtract, expr, new NumberExpr(low));
        return new LabelDefinition(number, new ClassNames([.. names], DataType.Int64));
    }
}
