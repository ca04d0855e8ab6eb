using Capstan.Data;
using static Capstan.Features.Expressions;

namespace Capstan.Features.Tests.Parity;

/// <summary>Random well-typed frozen expressions over a fixed schema, and random rows with edge values, from a seed.</summary>
sealed class ExprGenerator(int seed)
{
    public static readonly Schema Schema = new(
    [
        new Field("x", DataType.Float64), new Field("y", DataType.Float64), new Field("n", DataType.Int64),
        new Field("flag", DataType.Boolean), new Field("word", DataType.Text), new Field("odd name", DataType.Text),
        new Field("when", DataType.Timestamp), new Field("until", DataType.Timestamp),
    ]);

    static readonly double[] EdgeNumbers =
    [
        0, -0.0, 1, -1, 0.5, 1e-300, 1e300, -1e300, double.MaxValue, double.Epsilon, 123456789.125, 9007199254740993, 1e20, double.NaN,
        double.PositiveInfinity, double.NegativeInfinity,
    ];

    static readonly long[] EdgeIntegers =
        [0, 1, -1, 42, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue + 1, long.MinValue, 9007199254740993, -9007199254740993];

    static readonly string[] EdgeTexts =
    [
        "", "a", "b", "abc", "ABC", "é", "日本語", "𝄞", "a\nb", "it's", "17", "1234567", "12345678", "123456789abcdef",
        " -1.5e3 ", "1e999", "a,b,,c", "\u2003 wide\u00a0", "Straße ǅ İı Ⱥ 𐐀", "e\u0301\u0323 ﬁ ①", "가각 \u1100\u1161",
    ];

    static readonly string[] EdgeSeparators = [",", "a", "", "bc", " ", "本", "ß"];

    // Each has one group. Some match nothing, some cut a pair of surrogates in two.
    static readonly string[] Patterns = ["(.)", "(a|b)+", "^([0-9]+)$", "(?i)(S)T", @"(\w+)\s", "()", @"(-?\d+)(?:\.\d*)?", "(日?)本", "x{0,3}(b)?", "..(.)"];

    static readonly string[] EdgeTimes =
    [
        "1970-01-01", "1969-12-31 23:59:59.999999", "2000-02-29 12:00:00", "1900-03-01", "2100-02-28 23:59:59", "2001-06-30 23:59:59",
        "2024-12-31 23:59:59.5", "0001-01-01", "9999-12-31 23:59:59", "2024-02-29 23:59:59.999999", "1900-02-28 23:59:59.999999", "2100-03-01",
        // Clocks change: Berlin forwards and back, New York forwards and back, Lord Howe by half an hour.
        "2024-03-31 00:59:59.999999", "2024-03-31 01:00:00", "2024-10-27 01:00:00", "2021-03-14 07:00:00", "2021-11-07 05:59:59.999999", "2023-10-01 15:30:00",
    ];

    readonly Random _random = new(seed);

    /// <param name="depth">From 2; larger trees are computed, planned and loaded more slowly.</param>
    public Expr Feature(int depth = 4) =>
        Pick<Func<Expr>>(() => Number(depth), () => Truth(depth - 1), () => Category(depth - 1), () => Category(Math.Max(depth - 2, 1)))();

    public ColumnBatch Rows(int count)
    {
        var builder = new BatchBuilder(Schema);
        for (var row = 0; row < count; row++)
        {
            foreach (var column in builder.Columns)
            {
                Append(column);
            }
        }

        return builder.Batch;
    }

    void Append(ColumnBuilder column)
    {
        if (_random.Next(6) == 0)
        {
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64:
                column.Append(_random.Next(3) == 0 ? Pick(EdgeNumbers) : Math.Round(_random.NextDouble() * 20 - 10, _random.Next(16)));
                break;
            case DataType.Int64:
                column.Append(_random.Next(3) == 0 ? Pick(EdgeIntegers) : _random.Next(-10, 10));
                break;
            case DataType.Boolean:
                column.Append(_random.Next(2) == 0);
                break;
            case DataType.Text:
                column.Append(Pick(EdgeTexts));
                break;
            default:
                column.Append(_random.Next(3) == 0
                    ? Timestamps.FromDateTime(DateTime.Parse(Pick(EdgeTimes), System.Globalization.CultureInfo.InvariantCulture))
                    : _random.NextInt64(-4_000_000_000_000_000, 4_000_000_000_000_000));
                break;
        }
    }

    Expr Number(int depth) => depth == 0 || _random.Next(5) == 0
        ? Pick<Func<Expr>>(() => Col("x"), () => Col("y"), () => Col("n"), () => new NumberExpr(Constant()))()
        : Pick<Func<Expr>>(
            () => new BinaryExpr(
                Pick(
                    BinaryOperator.Add, BinaryOperator.Subtract, BinaryOperator.Multiply, BinaryOperator.Divide, BinaryOperator.Minimum,
                    BinaryOperator.Maximum, BinaryOperator.Modulo),
                Number(depth - 1), Number(depth - 1)),
            () => new UnaryExpr(
                Pick(
                    UnaryOperator.Negate, UnaryOperator.Absolute, UnaryOperator.SquareRoot, UnaryOperator.Log, UnaryOperator.LogOnePlus,
                    UnaryOperator.Exponential, UnaryOperator.Floor, UnaryOperator.Sine, UnaryOperator.Cosine),
                Number(depth - 1)),
            () => new TimePartExpr(Pick(Enum.GetValues<TimePart>()), Time(depth - 1)),
            () => If(Truth(depth - 1), Number(depth - 1), Number(depth - 1)),
            () => Impute(Number(depth - 1), Number(depth - 1)),
            () => Length(Word(depth - 1)),
            () => SecondsBetween(Time(depth - 1), Time(depth - 1)),
            () => Pick<Func<Expr, Expr>>(Round, Sign, HyperbolicTangent, LogTen, Degrees)(Number(depth - 1)),
            () => Pick<Func<Expr, Expr, Expr>>(Power, ArcTangent, CycleSin)(Number(depth - 1), Number(depth - 1)),
            () => Pick<Func<Expr, Expr, Expr, Expr, Expr>>(Haversine, Bearing)(Number(depth - 1), Number(0), Number(depth - 1), Number(0)),
            () => Coalesce(Number(0), Number(0), Number(depth - 1)),
            () => NumberOf(Word(depth - 1)),
            () => Pick<Func<Expr, Expr, Expr>>(IndexOf, Occurrences)(Word(depth - 1), Word(0)),
            () => Count(List(depth - 1)),
            () => Interpolate(Number(depth - 1), [-5, 0, 0.5, 7], [Constant(), Constant(), Constant(), Constant()]),
            () => Picked(depth - 1),
            () => Pick<Func<Expr, ReadOnlySpan<DateOnly>, Expr>>(DaysTo, DaysSince)(Time(depth - 1), SomeDates()),
            () => Truth(depth - 1) + 1)();

    Expr Truth(int depth) => depth == 0 || _random.Next(5) == 0
        ? Col("flag")
        : Pick<Func<Expr>>(
            () => new BinaryExpr(
                Pick(
                    BinaryOperator.Equal, BinaryOperator.NotEqual, BinaryOperator.Less, BinaryOperator.LessOrEqual, BinaryOperator.Greater,
                    BinaryOperator.GreaterOrEqual),
                Number(depth - 1), Number(depth - 1)),
            () => new BinaryExpr(Pick(BinaryOperator.Equal, BinaryOperator.NotEqual), Word(depth - 1), Word(depth - 1)),
            () => new BinaryExpr(Pick(BinaryOperator.Less, BinaryOperator.GreaterOrEqual, BinaryOperator.Equal), Time(depth - 1), Time(depth - 1)),
            () => new BinaryExpr(Pick(BinaryOperator.And, BinaryOperator.Or), Truth(depth - 1), Truth(depth - 1)),
            () => Not(Truth(depth - 1)),
            () => InDates(Time(depth - 1), SomeDates()),
            () => Between(Number(depth - 1), Number(0), Number(0)),
            () => Pick<Func<Expr, Expr, Expr>>(Contains, StartsWith, EndsWith)(Word(depth - 1), Word(depth - 1)),
            () => Includes(List(depth - 1), Word(0)),
            () => RegexMatches(Word(depth - 1), Pick(Patterns)),
            () => IsMissing(Pick<Func<int, Expr>>(Number, Truth, Word, Time, List)(depth - 1)))();

    Expr Word(int depth) => depth == 0 || _random.Next(2) == 0
        ? Pick<Func<Expr>>(() => Col("word"), () => Col("odd name"), () => Text(Pick(EdgeTexts)))()
        : Pick<Func<Expr>>(
            () => If(Truth(depth - 1), Word(depth - 1), Word(depth - 1)),
            () => Impute(Word(depth - 1), Word(depth - 1)),
            () => Pick<Func<Expr, Expr>>(Lower, Upper, Trim)(Word(depth - 1)),
            () => Substring(Word(depth - 1), Position(depth - 1), Position(depth - 1)),
            () => Replace(Word(depth - 1), Word(0), Word(0)),
            () => Concat([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Word(depth - 1))]),
            () => SplitPart(Word(depth - 1), Text(Pick(EdgeSeparators)), Position(depth - 1)),
            () => Grid(Number(0), Number(0), Constant()),
            () => RegexExtract(Word(depth - 1), Pick(Patterns), _random.Next(2)),
            () => RegexReplace(Word(depth - 1), Pick(Patterns), Pick("", "-", "𝄞", "<$1>", "$0$0")),
            () => Pick<Func<Expr>>(() => Normalize(Word(depth - 1)), () => Normalize(Word(depth - 1), "NFKC"), () => StripAccents(Word(depth - 1)))(),
            () => Item(List(depth - 1), Position(depth - 1)),
            () => Join(List(depth - 1), Text(Pick(EdgeSeparators))),
            () => PadLeft(Word(depth - 1), Position(depth - 1), Pick("0", "本", "𝄞")),
            () => TextOf(_random.Next(3) == 0 ? Truth(depth - 1) : Number(depth - 1)))();

    Expr List(int depth) => depth <= 0 || _random.Next(3) == 0
        ? Pick<Func<Expr, Expr>>(Words, Characters, text => Split(text, Text(Pick(EdgeSeparators))))(Word(Math.Max(0, depth)))
        : Pick<Func<Expr>>(
            () => If(Truth(depth - 1), List(depth - 1), List(depth - 1)),
            () => Impute(List(depth - 1), List(depth - 1)),
            () => Distinct(List(depth - 1)),
            () => NGrams(List(depth - 1), _random.Next(1, 3), _random.Next(2, 5), Pick("", " ", "本")))();

    public Expr Vector(int depth)
    {
        string[] terms = [.. EdgeTexts.Concat(EdgeSeparators).Distinct().Where(_ => _random.Next(2) == 0).Append("term")];
        var weight = Pick(Enum.GetValues<TermWeight>());
        var hasFactors = weight == TermWeight.InverseFrequency || _random.Next(4) == 0;
        return new TermVectorExpr(weight, List(depth), new FixedVectorTerms([.. terms], [.. terms.Select(_ => hasFactors ? Constant() : 1)]));
    }

    Expr Picked(int depth)
    {
        var category = Category(Math.Max(1, depth));
        // A hash of thousands of buckets would only make the file long.
        return Cardinality.Of(category) is <= 300 and var count
            ? Expressions.Pick(category, [.. Enumerable.Range(0, count).Select(_ => Constant())])
            : Number(0);
    }

    DateOnly[] SomeDates() =>
        [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => DateOnly.FromDateTime(DateTime.Parse(Pick(EdgeTimes), System.Globalization.CultureInfo.InvariantCulture)))];

    /// <summary>Mostly a place that short texts have.</summary>
    Expr Position(int depth) => _random.Next(4) == 0 ? Number(depth) : new NumberExpr(_random.Next(-1, 5));

    Expr Time(int depth) => depth == 0 || _random.Next(2) == 0
        ? Pick<Func<Expr>>(() => Col("when"), () => Col("until"), () => Timestamp(DateTime.Parse(Pick(EdgeTimes), System.Globalization.CultureInfo.InvariantCulture)))()
        : Pick<Func<Expr>>(
            () => If(Truth(depth - 1), Time(depth - 1), Time(depth - 1)),
            () => InZone(Time(depth - 1), Pick("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")),
            () => Impute(Time(depth - 1), Time(depth - 1)))();

    Expr Category(int depth) => Pick<Func<Expr>>(
        () => new BucketizeExpr(Number(depth), new FixedBoundaries([.. Enumerable.Range(0, _random.Next(9)).Select(_ => Constant()).Distinct().Order()])),
        () => new VocabularyExpr(
            _random.Next(2) == 0 ? Word(depth - 1) : Number(depth - 1),
            new FixedTerms([.. EdgeTexts.Where(_ => _random.Next(2) == 0)], _random.Next(1, 4))),
        () => Hash(Pick<Func<int, Expr>>(Word, Number, Truth)(depth - 1), _random.Next(1, 1000), (uint)_random.Next()),
        () => new CrossExpr(
            [.. Enumerable.Range(0, _random.Next(2, 4)).Select(_ => depth > 1 && _random.Next(3) > 0 ? Category(depth - 1) : Word(depth - 1))],
            _random.Next(1, 5000), (uint)_random.Next(3)),
        () => BucketizedBy(depth))();

    Expr BucketizedBy(int depth)
    {
        var category = new VocabularyExpr(Word(depth - 1), new FixedTerms([.. EdgeTexts.Where(_ => _random.Next(4) == 0)], 1));
        return new BucketizeByExpr(
            Number(depth - 1), category,
            [.. Enumerable.Range(0, Cardinality.Of(category)).Select(_ => new FixedBoundaries([.. Enumerable.Range(0, _random.Next(5)).Select(_ => Constant()).Distinct().Order()]))]);
    }

    double Constant() => _random.Next(3) == 0 ? _random.Next(-3, 4) : Math.Round(_random.NextDouble() * 20 - 10, 3);

    T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
