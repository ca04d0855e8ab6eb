using System.Collections.Frozen;

namespace Capstan.Features;

/// <summary>The names that functions have in the text form of expressions, one table for the parser and the printer.</summary>
static class FunctionNames
{
    public static readonly FrozenDictionary<string, UnaryOperator> Unary = new Dictionary<string, UnaryOperator>
    {
        ["abs"] = UnaryOperator.Absolute,
        ["sqrt"] = UnaryOperator.SquareRoot,
        ["log"] = UnaryOperator.Log,
        ["log1p"] = UnaryOperator.LogOnePlus,
        ["exp"] = UnaryOperator.Exponential,
        ["floor"] = UnaryOperator.Floor,
        ["sin"] = UnaryOperator.Sine,
        ["cos"] = UnaryOperator.Cosine,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, BinaryOperator> Binary = new Dictionary<string, BinaryOperator>
    {
        ["min"] = BinaryOperator.Minimum,
        ["max"] = BinaryOperator.Maximum,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, TimePart> Time = new Dictionary<string, TimePart>
    {
        ["year"] = TimePart.Year,
        ["month"] = TimePart.Month,
        ["day"] = TimePart.Day,
        ["hour"] = TimePart.Hour,
        ["minute"] = TimePart.Minute,
        ["second"] = TimePart.Second,
        ["weekday"] = TimePart.Weekday,
        ["day_of_year"] = TimePart.DayOfYear,
        ["epoch_seconds"] = TimePart.EpochSeconds,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, Statistic> Statistics = new Dictionary<string, Statistic>
    {
        ["mean"] = Statistic.Mean,
        ["stddev"] = Statistic.StandardDeviation,
        ["minimum"] = Statistic.Minimum,
        ["maximum"] = Statistic.Maximum,
        ["range"] = Statistic.Range,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, TermWeight> Vectors = new Dictionary<string, TermWeight>
    {
        ["bag_of_words"] = TermWeight.Count,
        ["multi_hot"] = TermWeight.Presence,
        ["tf_idf"] = TermWeight.InverseFrequency,
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<UnaryOperator, string> OfUnary = Inverse(Unary);
    public static readonly FrozenDictionary<BinaryOperator, string> OfBinary = Inverse(Binary);
    public static readonly FrozenDictionary<TimePart, string> OfTime = Inverse(Time);
    public static readonly FrozenDictionary<Statistic, string> OfStatistic = Inverse(Statistics);
    public static readonly FrozenDictionary<TermWeight, string> OfVector = Inverse(Vectors);

    /// <summary>Functions that the parser writes out in terms of others, by their number of operands.</summary>
    public static readonly FrozenDictionary<string, (int Operands, Func<List<Expr>, Expr> Build)> Composed =
        new Dictionary<string, (int, Func<List<Expr>, Expr>)>
        {
            ["between"] = (3, x => Expressions.Between(x[0], x[1], x[2])),
            ["clip"] = (3, x => Expressions.Clip(x[0], x[1], x[2])),
            ["cycle_cos"] = (2, x => Expressions.CycleCos(x[0], x[1])),
            ["cycle_sin"] = (2, x => Expressions.CycleSin(x[0], x[1])),
            ["degrees"] = (1, x => Expressions.Degrees(x[0])),
            ["grid"] = (3, x => Expressions.Grid(x[0], x[1], x[2])),
            ["is_weekend"] = (1, x => Expressions.IsWeekend(x[0])),
            ["median"] = (1, x => Expressions.Median(x[0])),
            ["min_max"] = (1, x => Expressions.MinMax(x[0])),
            ["radians"] = (1, x => Expressions.Radians(x[0])),
            ["word_count"] = (1, x => Expressions.WordCount(x[0])),
            ["z_score"] = (1, x => Expressions.ZScore(x[0])),
        }.ToFrozenDictionary();

    /// <summary>Functions that the parser builds by hand, for suggestions.</summary>
    public static readonly string[] Others =
    [
        "bucketize", "coalesce", "cross", "date", "days_since", "days_to", "hash", "if", "impute", "in_dates", "in_zone",
        "interpolate", "is_missing", "min_max_by", "pick", "quantile",
        "timestamp", "vocabulary", "z_score_by",
    ];

    public static IEnumerable<string> All =>
    [
        .. Unary.Keys, .. Binary.Keys, .. Time.Keys, .. Statistics.Keys,
        .. FunctionSignature.All.Select(signature => signature.Name),
        .. FittedFunction.All.Select(function => function.Name).Except(Others),
        .. Composed.Keys, .. Vectors.Keys, .. Others,
    ];

    /// <summary>Infix operators: text, binding strength (higher binds tighter), meaning.</summary>
    public static readonly (string Symbol, int Strength, BinaryOperator Operator)[] Infix =
    [
        ("or", 1, BinaryOperator.Or),
        ("and", 2, BinaryOperator.And),
        ("==", 4, BinaryOperator.Equal),
        ("!=", 4, BinaryOperator.NotEqual),
        ("<=", 4, BinaryOperator.LessOrEqual),
        (">=", 4, BinaryOperator.GreaterOrEqual),
        ("<", 4, BinaryOperator.Less),
        (">", 4, BinaryOperator.Greater),
        ("+", 5, BinaryOperator.Add),
        ("-", 5, BinaryOperator.Subtract),
        ("*", 6, BinaryOperator.Multiply),
        ("/", 6, BinaryOperator.Divide),
        ("%", 6, BinaryOperator.Modulo),
    ];

    /// <summary>Binding strength of the prefix 'not' and of unary minus.</summary>
    public const int NotStrength = 3;
    public const int MinusStrength = 7;

    static FrozenDictionary<T, string> Inverse<T>(FrozenDictionary<string, T> names)
        where T : notnull => names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);
}
