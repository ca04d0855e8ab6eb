using System.Diagnostics;
using System.Globalization;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Prints expressions as the text that <see cref="ExprParser"/> reads back to the same tree.</summary>
public static class ExprPrinter
{
    public static string Print(Expr expr)
    {
        var text = new StringBuilder();
        Print(expr, 0, text);
        return text.ToString();
    }

    /// <param name="strength">How tightly the surrounding operator binds; weaker operators get parentheses.</param>
    static void Print(Expr expr, int strength, StringBuilder text)
    {
        switch (expr)
        {
            case ColumnExpr column:
                text.Append(IsPlainName(column.Name) ? column.Name : $"`{column.Name.Replace("`", "``")}`");
                break;
            case NumberExpr number:
                // A negative number after another operator would read as a subtraction.
                text.Append(number.Value < 0 || double.IsNegative(number.Value) ? $"({Number(number.Value)})"
                    : Number(number.Value));
                break;
            case TextExpr literal:
                text.Append(Quote(literal.Value));
                break;
            case UnaryExpr { Operator: UnaryOperator.Negate } negate:
                Enclose(strength > FunctionNames.MinusStrength, text, () =>
                {
                    // A number literal in parentheses keeps '-(3)', a negation, apart from the number '(-3)'.
                    text.Append('-');
                    Enclose(negate.Operand is NumberExpr, text, () => Print(negate.Operand, FunctionNames.MinusStrength, text));
                });
                break;
            case UnaryExpr { Operator: UnaryOperator.Not } not:
                Enclose(strength > FunctionNames.NotStrength, text, () =>
                {
                    text.Append("not ");
                    Print(not.Operand, FunctionNames.NotStrength, text);
                });
                break;
            case UnaryExpr unary:
                Call(text, FunctionNames.OfUnary[unary.Operator], [unary.Operand]);
                break;
            case BinaryExpr binary when FunctionNames.OfBinary.TryGetValue(binary.Operator, out var name):
                Call(text, name, [binary.Left, binary.Right]);
                break;
            case BinaryExpr binary:
                var (symbol, own, _) = FunctionNames.Infix.First(infix => infix.Operator == binary.Operator);
                Enclose(strength > own, text, () =>
                {
                    Print(binary.Left, own, text);
                    text.Append(' ').Append(symbol).Append(' ');
                    Print(binary.Right, own + 1, text);
                });
                break;
            case IfExpr choice:
                Call(text, "if", [choice.Condition, choice.Then, choice.Otherwise]);
                break;
            case IsMissingExpr missing:
                Call(text, "is_missing", [missing.Operand]);
                break;
            case ImputeExpr impute:
                Call(text, "impute", [impute.Operand, impute.Fallback]);
                break;
            case TimePartExpr part:
                Call(text, FunctionNames.OfTime[part.Part], [part.Operand]);
                break;
            case TimestampExpr timestamp:
                var written = TimestampText.Format(timestamp.Microseconds);
                text.Append(written.Contains('T') ? "timestamp" : "date").Append('(').Append(Quote(written)).Append(')');
                break;
            case InZoneExpr zoned:
                Call(text, "in_zone", [zoned.Operand], Quote(zoned.Zone.Name));
                break;
            case CallExpr call:
                Call(text, FunctionSignature.Of(call.Function).Name, call.Operands);
                break;
            case StatisticExpr { Statistic: Statistic.Quantile } quantile:
                Call(text, "quantile", [quantile.Operand], Number(quantile.Argument));
                break;
            case StatisticExpr statistic:
                Call(text, FunctionNames.OfStatistic[statistic.Statistic], [statistic.Operand]);
                break;
            case BucketizeExpr bucketize:
                Call(text, "bucketize", [bucketize.Operand], bucketize.Boundaries switch
                {
                    QuantileBoundaries quantiles => Number(quantiles.Buckets),
                    FixedBoundaries { Values: var values } => NumberList(values),
                    _ => throw new UnreachableException(),
                });
                break;
            case VocabularyExpr vocabulary:
                Call(text, "vocabulary", [vocabulary.Operand], [.. Options(vocabulary.Terms)]);
                break;
            case TermVectorExpr vector:
                Call(text, FunctionNames.OfVector[vector.Weight], [vector.Operand], [.. Options(vector)]);
                break;
            case HashExpr hash:
                Call(text, "hash", [hash.Operand], [$"buckets: {Number(hash.Buckets)}", .. Seed(hash.Seed)]);
                break;
            case CrossExpr cross:
                Call(text, "cross", cross.Operands, [$"buckets: {Number(cross.Buckets)}", .. Seed(cross.Seed)]);
                break;
            case BucketizeByExpr bucketize:
                Call(text, "bucketize_by", [bucketize.Operand, bucketize.Category],
                    [.. bucketize.Boundaries.Select(each => NumberList(each.Values))]);
                break;
            case PickExpr pick:
                Call(text, "pick", [pick.Operand], NumberList(pick.Values));
                break;
            case FittedExpr fitted:
                Print(fitted, text);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Operands, then operands that are written by name, then options that are not as usual.</summary>
    static void Print(FittedExpr fitted, StringBuilder text)
    {
        var function = fitted.Function;
        var (operands, options) = (new List<Expr>(), new List<string>());
        for (var index = 0; index < fitted.Operands.Count; index++)
        {
            if (function.OperandAt(index) is { IsNamed: true, Name: var name })
            {
                options.Add($"{name}: {fitted.Operands[index]}");
            }
            else
            {
                operands.Add(fitted.Operands[index]);
            }
        }

        for (var index = 0; index < function.Options.Length; index++)
        {
            if (fitted.Options[index] != function.Options[index].Usual)
            {
                options.Add($"{function.Options[index].Name}: {Number(fitted.Options[index])}");
            }
        }

        Call(text, function.Name, [.. operands], [.. options]);
    }

    static IEnumerable<string> Options(Terms terms)
    {
        switch (terms)
        {
            case LearnedTerms learned:
                yield return $"max_size: {Number(learned.MaxSize)}";
                if (learned.MinCount != 1)
                {
                    yield return $"min_count: {Number(learned.MinCount)}";
                }

                break;
            case FixedTerms { Values: var values }:
                yield return $"[{string.Join(", ", values.Select(Quote))}]";
                break;
        }

        if (terms.UnknownBuckets != 1)
        {
            yield return $"unknown_buckets: {Number(terms.UnknownBuckets)}";
        }
    }

    static IEnumerable<string> Options(TermVectorExpr vector)
    {
        switch (vector.Terms)
        {
            case LearnedVectorTerms learned:
                yield return $"max_size: {Number(learned.MaxSize)}";
                if (learned.MinCount != 1)
                {
                    yield return $"min_count: {Number(learned.MinCount)}";
                }

                if (!learned.IsSmooth)
                {
                    yield return "smooth: 0";
                }

                break;
            case FixedVectorTerms { Values: var values, Factors: var factors }:
                var isPlain = vector.Weight != TermWeight.InverseFrequency && factors.All(factor => factor == 1);
                yield return $"[{string.Join(", ", values.Select((value, index) => isPlain ? Quote(value) : $"{Quote(value)}, {Number(factors[index])}"))}]";
                break;
        }
    }

    static IEnumerable<string> Seed(uint seed) => seed == 0 ? [] : [$"seed: {Number(seed)}"];

    static void Call(StringBuilder text, string name, ValueList<Expr> operands, params ReadOnlySpan<string> options)
    {
        text.Append(name).Append('(');
        for (var index = 0; index < operands.Count; index++)
        {
            text.Append(index == 0 ? "" : ", ");
            Print(operands[index], 0, text);
        }

        foreach (var option in options)
        {
            text.Append(", ").Append(option);
        }

        text.Append(')');
    }

    static void Enclose(bool needed, StringBuilder text, Action inner)
    {
        text.Append(needed ? "(" : "");
        inner();
        text.Append(needed ? ")" : "");
    }

    static string NumberList(ValueList<double> values) => $"[{string.Join(", ", values.Select(Number))}]";

    static string Number(double value) => NumberText.Of(value);

    static string Quote(string value) =>
        $"'{value.Replace("\\", "\\\\").Replace("'", "\\'").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t")}'";

    static bool IsPlainName(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') &&
            name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        && name is not ("and" or "or" or "not");
}
