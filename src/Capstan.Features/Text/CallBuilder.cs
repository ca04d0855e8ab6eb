using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>Reads one function call's arguments, <c>name(</c> having been read, and builds its expression.</summary>
sealed partial class CallBuilder(ExprParser parser, Token name)
{
    readonly List<Expr> _operands = [];
    readonly Dictionary<string, (Expr Value, int Position)> _options = new(StringComparer.Ordinal);
    readonly List<List<Token>> _lists = [];
    bool _hasTakenList;

    public Expr Build()
    {
        ReadArguments();
        var function = name.Text;
        Expr result;
        if (FunctionNames.Unary.TryGetValue(function, out var unary))
        {
            result = new UnaryExpr(unary, Operands(1)[0]);
        }
        else if (FunctionNames.Binary.TryGetValue(function, out var binary))
        {
            var operands = Operands(2);
            result = new BinaryExpr(binary, operands[0], operands[1]);
        }
        else if (FunctionNames.Time.TryGetValue(function, out var part))
        {
            result = new TimePartExpr(part, Operands(1)[0]);
        }
        else if (FunctionNames.Statistics.TryGetValue(function, out var statistic))
        {
            result = new StatisticExpr(statistic, 0, Operands(1)[0]);
        }
        else if (FunctionSignature.Find(function) is { } signature)
        {
            ValueList<Expr> operands = [.. signature.Complete(_operands)];
            result = signature.Misfit(operands.Count) is { } misfit
                ? throw parser.Fail(misfit, name.Position)
                : new CallExpr(signature.Function, operands);
        }
        else if (FunctionNames.Vectors.TryGetValue(function, out var weight))
        {
            result = new TermVectorExpr(weight, Operands(1)[0], VectorTermsOf(weight));
        }
        else if (_lists.Count == 0 && FittedFunction.Find(function, _options.Keys) is { } fitted)
        {
            result = BuildFitted(fitted);
        }
        else if (FunctionNames.Composed.TryGetValue(function, out var composed))
        {
            result = composed.Build(Operands(composed.Operands));
        }
        else
        {
            result = BuildOther(function);
        }

        if (_options.Count > 0)
        {
            throw parser.Fail($"{function} has no option '{_options.First().Key}'", name.Position);
        }

        return _lists is not [var list, ..] ? result
            : throw parser.Fail($"{function} takes no {(_hasTakenList ? "further " : "")}list", list.Count == 0 ? name.Position
                : list[0].Position);
    }

    Expr BuildFitted(FittedFunction function)
    {
        // From the last: those may stand behind the operands without their names.
        double[] options = [.. function.Options.Reverse().Select(TakeNumber).Reverse()];
        foreach (var operand in function.Operands.Where(operand => operand.IsNamed))
        {
            _options.Remove(operand.Name, out var given);
            _operands.Add(given.Value);
        }

        var node = new FittedExpr(function, [.. _operands], [.. options]);
        return function.Misfit(node) is { } misfit ? throw parser.Fail(misfit, name.Position) : node;
    }

    Expr BuildOther(string function)
    {
        switch (function)
        {
            case "if":
                var choice = Operands(3);
                return new IfExpr(choice[0], choice[1], choice[2]);
            case "is_missing":
                return new IsMissingExpr(Operands(1)[0]);
            case "impute":
                var impute = Operands(2);
                return new ImputeExpr(impute[0], impute[1]);
            case "date" or "timestamp":
                return new TimestampExpr(TimeOf(Operands(1)[0]));
            case "in_dates":
                return Expressions.InDates(Operands(1)[0], TakeDates());
            case "days_to":
                return Expressions.DaysTo(Operands(1)[0], TakeDates());
            case "days_since":
                return Expressions.DaysSince(Operands(1)[0], TakeDates());
            case "in_zone":
                var zoned = Operands(2);
                return Zoned(zoned[0], zoned[1]);
            case "coalesce":
                return _operands.Count >= 2
                    ? Expressions.Coalesce(_operands[0], [.. _operands.Skip(1)])
                    : throw parser.Fail($"coalesce takes 2 or more arguments, found {_operands.Count}", name.Position);
            case "quantile":
                return new StatisticExpr(Statistic.Quantile, TakeNumber("share", 0, 1), Operands(1)[0]);
            case "bucketize" when TakeList(TokenKind.Number) is { } boundaries:
                return new BucketizeExpr(Operands(1)[0], new FixedBoundaries([.. boundaries.Select(token => token.Number)]));
            case "bucketize":
                var buckets = TakeWhole("buckets", int.MaxValue);
                return new BucketizeExpr(Operands(1)[0], new QuantileBoundaries((int)buckets));
            case "vocabulary" when TakeList(TokenKind.Text) is { } terms:
                return new VocabularyExpr(
                    Operands(1)[0],
                    new FixedTerms([.. terms.Select(token => token.Text)], (int)TakeWhole("unknown_buckets", int.MaxValue, 1)));
            case "vocabulary":
                return new VocabularyExpr(Operands(1)[0], new LearnedTerms(
                    (int)TakeWhole("max_size", int.MaxValue, 10_000),
                    TakeWhole("min_count", long.MaxValue, 1),
                    (int)TakeWhole("unknown_buckets", int.MaxValue, 1)));
            case "min_max_by" or "z_score_by":
                var minRows = (int)TakeNumber(KeyTable.MinRows);
                var scaled = Operands(2);
                return function == "z_score_by"
                    ? Expressions.ZScoreBy(scaled[0], scaled[1], minRows)
                    : Expressions.MinMaxBy(scaled[0], scaled[1], minRows);
            case "bucketize_by":
                var bucketized = Operands(2);
                return new BucketizeByExpr(
                    bucketized[0], bucketized[1], [.. TakeLists().Select(values => new FixedBoundaries(values))]);
            case "interpolate":
                return Interpolated(Operands(1)[0], [.. TakeLists()]);
            case "pick" when TakeList(TokenKind.Number) is { } numbers:
                return new PickExpr(Operands(1)[0], [.. numbers.Select(token => token.Number)]);
            case "pick":
                throw parser.Fail(
                    "pick takes a category and a list of numbers, such as pick(bucketize(x, [0]), [1.5, 2, 0])", name.Position);
            case "hash":
                var width = (int)TakeWhole("buckets", int.MaxValue);
                return new HashExpr(Operands(1)[0], width, (uint)TakeWhole("seed", uint.MaxValue, 0));
            case "cross":
                var total = (int)TakeWhole("buckets", int.MaxValue);
                return new CrossExpr([.. _operands], total, (uint)TakeWhole("seed", uint.MaxValue, 0));
            default:
                var nearest = FunctionNames.All.Where(known => known[0] == function[0]).Order(StringComparer.Ordinal).ToArray();
                throw parser.Fail(
                    $"There is no function '{function}'; known are {string.Join(", ", nearest.Length > 0 ? nearest : FunctionNames.All.Order(StringComparer.Ordinal))}",
                    name.Position);
        }
    }

    void ReadArguments()
    {
        if (parser.TryTake(")"))
        {
            return;
        }

        do
        {
            var option = parser.TryTakeOptionName();
            if (parser.TryTakeList() is { } list)
            {
                _lists.Add(list);
                continue;
            }

            var position = parser.Position;
            var operand = parser.ParseArgument();
            if (option is null)
            {
                _operands.Add(operand);
            }
            else if (!_options.TryAdd(option, (operand, position)))
            {
                throw parser.Fail($"The option '{option}' is given twice");
            }
        }
        while (parser.TryTake(","));

        parser.Take(")");
    }

    List<Expr> Operands(int count) => _operands.Count == count
        ? _operands
        : throw parser.Fail(
            $"{name.Text} takes {count} argument{(count == 1 ? "" : "s")}, found {_operands.Count}", name.Position);

    /// <summary>An option given by name, or as the last positional argument.</summary>
    double TakeNumber(string option, double low, double high, double? otherwise = null)
    {
        double value;
        if (_options.Remove(option, out var given))
        {
            value = given.Value is NumberExpr number ? number.Value
                : throw parser.Fail($"The option '{option}' must be a number, found '{given.Value}'", given.Position);
        }
        else if (otherwise is null && _operands.Count > 1 && _operands[^1] is NumberExpr last)
        {
            value = last.Value;
            _operands.RemoveAt(_operands.Count - 1);
        }
        else
        {
            value = otherwise ?? throw parser.Fail($"{name.Text} needs the option '{option}'", name.Position);
        }

        return value >= low && value <= high
            ? value
            : throw parser.Fail($"The option '{option}' of {name.Text} is {value}, expected {low} to {high}", name.Position);
    }

    double TakeNumber(FittedOption option) => TakeNumber(option.Name, option.Low, option.High, option.Usual);

    long TakeWhole(string option, long high, long? otherwise = null)
    {
        var value = TakeNumber(option, 0, high, otherwise);
        return value == Math.Floor(value)
            ? (long)value
            : throw parser.Fail($"The option '{option}' of {name.Text} is {value}, expected a whole number", name.Position);
    }
}
