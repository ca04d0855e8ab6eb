using static Capstan.Features.Expressions;

namespace Capstan.Features.Tests;

public sealed class ExprParserTests
{
    static readonly Expr X = Col("x");
    static readonly Expr T = Col("t");

    public static TheoryData<string, Expr> Functions => new()
    {
        { "abs(x)", Abs(X) },
        { "sqrt(x)", Sqrt(X) },
        { "log(x)", Log(X) },
        { "log1p(x)", LogOnePlus(X) },
        { "exp(x)", Exp(X) },
        { "floor(x)", Floor(X) },
        { "sin(x)", Sin(X) },
        { "cos(x)", Cos(X) },
        { "min(x, 1)", Min(X, 1) },
        { "max(x, 1)", Max(X, 1) },
        { "clip(x, 0, 9.5)", Min(Max(X, 0), 9.5) },
        { "year(t)", Year(T) },
        { "month(t)", Month(T) },
        { "day(t)", Day(T) },
        { "hour(t)", Hour(T) },
        { "minute(t)", Minute(T) },
        { "second(t)", Second(T) },
        { "weekday(t)", Weekday(T) },
        { "day_of_year(t)", DayOfYear(T) },
        { "epoch_seconds(t)", EpochSeconds(T) },
        { "if(x > 0, 1, 2)", If(X > 0, 1, 2) },
        { "is_missing(x)", IsMissing(X) },
        { "impute(x, median(x))", Impute(X, Median(X)) },
        { "power(x, 2)", Power(X, 2) },
        { "round(x)", Round(X) },
        { "sign(x)", Sign(X) },
        { "atan2(x, t)", ArcTangent(X, T) },
        { "tanh(x)", HyperbolicTangent(X) },
        { "log10(x)", LogTen(X) },
        { "degrees(x)", X * (180 / Math.PI) },
        { "radians(x)", X * (Math.PI / 180) },
        { "coalesce(x, t)", Impute(X, T) },
        { "coalesce(x, t, 0)", Impute(X, Impute(T, 0)) },
        { "between(x, 1, 2)", And(X >= 1, X <= 2) },
        { "cycle_sin(x, 24)", Sin(X / 24 * (2 * Math.PI)) },
        { "cycle_cos(x, 24)", Cos(X / 24 * (2 * Math.PI)) },
        { "haversine(x, t, 1, 2)", Haversine(X, T, 1, 2) },
        { "bearing(x, t, 1, 2)", Bearing(X, T, 1, 2) },
        { "grid(x, t, 10)", Concat(TextOf(Floor(X * 10)), Text(":"), TextOf(Floor(T * 10))) },
        { "seconds_between(t, x)", SecondsBetween(T, X) },
        { "date('2001-06-30')", Timestamp(new DateTime(2001, 6, 30)) },
        { "timestamp('2001-06-30')", Timestamp(new DateTime(2001, 6, 30)) },
        { "timestamp('2001-06-30 17:45:01.25')", Timestamp(new DateTime(2001, 6, 30, 17, 45, 1, 250)) },
        { "timestamp('2001-06-30T17:45+02')", Timestamp(new DateTime(2001, 6, 30, 15, 45, 0)) },
        { "is_weekend(t)", Weekday(T) >= 5 },
        { "in_zone(t, 'Europe/Berlin')", InZone(T, "Europe/Berlin") },
        { "lower(x)", Lower(X) },
        { "upper(x)", Upper(X) },
        { "trim(x)", Trim(X) },
        { "length(x)", Length(X) },
        { "substring(x, 0, 3)", Substring(X, 0, 3) },
        { "replace(x, 'a', 'b')", Replace(X, Text("a"), Text("b")) },
        { "concat(x)", Concat(X) },
        { "concat(x, '-', t)", Concat(X, Text("-"), T) },
        { "contains(x, 'a')", Contains(X, Text("a")) },
        { "starts_with(x, 'a')", StartsWith(X, Text("a")) },
        { "ends_with(x, 'a')", EndsWith(X, Text("a")) },
        { "split_part(x, ',', 1)", SplitPart(X, Text(","), 1) },
        { "text(x)", TextOf(X) },
        { "number(x)", NumberOf(X) },
        { "regex_matches(x, 'a+')", RegexMatches(X, "a+") },
        { "regex_extract(x, 'a+')", RegexExtract(X, "a+") },
        { "regex_extract(x, '(a)+', 1)", RegexExtract(X, "(a)+", 1) },
        { "regex_replace(x, '(a)+', '$1')", RegexReplace(X, "(a)+", "$1") },
        { "normalize(x)", Normalize(X) },
        { "normalize(x, 'NFKC')", Normalize(X, "NFKC") },
        { "strip_accents(x)", StripAccents(X) },
        { "index_of(x, 'a')", IndexOf(X, Text("a")) },
        { "occurrences(x, 'a')", Occurrences(X, Text("a")) },
        { "pad_left(x, 5, '0')", PadLeft(X, 5, "0") },
        { "split(x, ',')", Split(X, Text(",")) },
        { "words(x)", Words(X) },
        { "characters(x)", Characters(X) },
        { "ngrams(words(x), 1, 2)", NGrams(Words(X), 1, 2) },
        { "ngrams(words(x), 1, 2, '-')", NGrams(Words(X), 1, 2, "-") },
        { "distinct(x)", Distinct(X) },
        { "count(x)", Count(X) },
        { "item(x, 0)", Item(X, 0) },
        { "join(x, ',')", Join(X, Text(",")) },
        { "includes(x, 'a')", Includes(X, Text("a")) },
        { "word_count(x)", Count(Words(X)) },
        { "bag_of_words(x)", BagOfWords(X) },
        { "bag_of_words(x, max_size: 5, min_count: 2)", BagOfWords(X, 5, 2) },
        { "bag_of_words(x, ['a', 'b'])", new TermVectorExpr(TermWeight.Count, X, new FixedVectorTerms(["a", "b"], [1.0, 1.0])) },
        { "bag_of_words(x, ['a', 2])", new TermVectorExpr(TermWeight.Count, X, new FixedVectorTerms(["a"], [2.0])) },
        { "multi_hot(x, max_size: 5)", MultiHot(X, 5) },
        { "tf_idf(x)", TfIdf(X) },
        { "tf_idf(x, max_size: 5, min_count: 2, smooth: 0)", TfIdf(X, 5, 2, false) },
        { "tf_idf(x, ['a', 1, 'b', -0.5])", new TermVectorExpr(TermWeight.InverseFrequency, X, new FixedVectorTerms(["a", "b"], [1.0, -0.5])) },
        { "mean(x)", Mean(X) },
        { "stddev(x)", StandardDeviation(X) },
        { "minimum(x)", Minimum(X) },
        { "maximum(x)", Maximum(X) },
        { "range(x)", new StatisticExpr(Statistic.Range, 0, X) },
        { "quantile(x, 0.25)", Quantile(X, 0.25) },
        { "quantile(x, share: 0.25)", Quantile(X, 0.25) },
        { "median(x)", Quantile(X, 0.5) },
        { "z_score(x)", (X - Mean(X)) / StandardDeviation(X) },
        { "min_max(x)", (X - Minimum(X)) / new StatisticExpr(Statistic.Range, 0, X) },
        { "bucketize(x, 10)", Bucketize(X, 10) },
        { "bucketize(x, buckets: 10)", Bucketize(X, 10) },
        { "bucketize(x, [-1, 0, 2.5])", Bucketize(X, -1, 0, 2.5) },
        { "bucketize(x, boundaries: [1])", Bucketize(X, [1.0]) },
        { "vocabulary(x)", Vocabulary(X) },
        { "vocabulary(x, max_size: 5, min_count: 2, unknown_buckets: 3)", Vocabulary(X, 5, 2, 3) },
        { "vocabulary(x, ['a', \"b\"])", new VocabularyExpr(X, new FixedTerms(["a", "b"], 1)) },
        { "vocabulary(x, ['a'], unknown_buckets: 4)", new VocabularyExpr(X, new FixedTerms(["a"], 4)) },
        { "pick(bucketize(x, [0]), [1, -2.5, 0])", Pick(Bucketize(X, [0.0]), 1, -2.5, 0) },
        { "in_dates(t, ['2001-12-25', '2001-01-01'])", InDates(T, new DateOnly(2001, 1, 1), new DateOnly(2001, 12, 25)) },
        { "days_to(t, ['2001-12-25'])", DaysTo(T, new DateOnly(2001, 12, 25)) },
        { "days_since(t, ['2001-12-25'])", DaysSince(T, new DateOnly(2001, 12, 25)) },
        { "mean_by(x, t)", MeanBy(X, T) },
        { "mean_by(x, t, min_rows: 3)", MeanBy(X, T, 3) },
        { "stddev_by(x, t)", StandardDeviationBy(X, T) },
        { "minimum_by(x, t)", MinimumBy(X, T) },
        { "maximum_by(x, t)", MaximumBy(X, T) },
        { "range_by(x, t)", RangeBy(X, T) },
        { "count_by(t)", CountBy(T) },
        { "z_score_by(x, t)", (X - MeanBy(X, T)) / StandardDeviationBy(X, T) },
        { "z_score_by(x, t, min_rows: 2)", ZScoreBy(X, T, 2) },
        { "min_max_by(x, t, min_rows: 1)", (X - MinimumBy(X, T, 1)) / RangeBy(X, T, 1) },
        { "bucketize_by(x, t, 5)", BucketizeBy(X, T, 5) },
        { "bucketize_by(x, t, buckets: 5, min_rows: 2)", BucketizeBy(X, T, 5, 2) },
        { "bucketize_by(x, bucketize(t, [0]), [1, 2], [], [3])", new BucketizeByExpr(X, Bucketize(T, [0.0]), [new([1, 2]), new([]), new([3])]) },
        { "quantile(x, 0.5, weight: t + 1)", WeightedQuantile(X, 0.5, T + 1) },
        { "bucketize(x, 5, weight: t)", WeightedBucketize(X, 5, T) },
        { "vocabulary(x, max_size: 5, label: t > 0)", InformativeVocabulary(X, T > 0, 5) },
        { "vocabulary(x, label: t)", InformativeVocabulary(X, T) },
        { "target_encode(t, x)", TargetEncode(T, X) },
        { "target_encode(t, x, smoothing: 0.5, min_rows: 2)", TargetEncode(T, X, 0.5, 2) },
        { "gaussianize(x)", Gaussianize(X) },
        { "interpolate(x, [0, 10, 20], [0, 1, 1.5])", Interpolate(X, [0, 10, 20], [0, 1, 1.5]) },
        { "pca(x, t, 2 * x, component: 1)", Pca(1, X, T, 2 * X) },
        { "hash(x, 100)", Hash(X, 100) },
        { "hash(x, buckets: 100, seed: 7)", Hash(X, 100, 7) },
        { "cross(x, t, 50)", Cross(50, X, T) },
        { "cross(x, t, hash(x, 3), buckets: 50, seed: 2)", new CrossExpr([X, T, Hash(X, 3)], 50, 2) },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_means_its_expression(string text, Expr expected) => Assert.Equal(expected, ExprParser.Parse(text));

    [Fact]
    public void Every_function_has_an_example_above()
    {
        var shown = Functions.Select(row => row.Data.Item1.Split('(')[0]).ToHashSet();
        Assert.Empty(FunctionNames.All.Except(shown));
    }

    [Theory]
    [InlineData("1 + 2 * 3", "1 + (2 * 3)")]
    [InlineData("1 - 2 - 3", "(1 - 2) - 3")]
    [InlineData("a / b * c", "(a / b) * c")]
    [InlineData("a % b + c", "(a % b) + c")]
    [InlineData("-a * b", "(-a) * b")]
    [InlineData("-a + b", "(-a) + b")]
    [InlineData("a + b < c - d", "(a + b) < (c - d)")]
    [InlineData("a < b and c >= d", "(a < b) and (c >= d)")]
    [InlineData("a and b or c and d", "(a and b) or (c and d)")]
    [InlineData("not a == b and c", "(not (a == b)) and c")]
    [InlineData("not not a", "not (not a)")]
    [InlineData("a && b || !c", "(a and b) or (not c)")]
    public void Operators_bind_as_in_arithmetic_and_sql(string text, string explained) =>
        Assert.Equal(ExprParser.Parse(explained), ExprParser.Parse(text));

    [Theory]
    [InlineData("17", 17)]
    [InlineData("-17", -17)]
    [InlineData(".5", 0.5)]
    [InlineData("1e-3", 0.001)]
    [InlineData("1.5E+2", 150)]
    public void Numbers_have_the_usual_forms(string text, double value) => Assert.Equal(new NumberExpr(value), ExprParser.Parse(text));

    [Fact]
    public void A_minus_after_an_operand_subtracts_and_before_one_negates()
    {
        Assert.Equal(X - 1, ExprParser.Parse("x -1"));
        Assert.Equal(X - new NumberExpr(-1), ExprParser.Parse("x - -1"));
        Assert.Equal(-X, ExprParser.Parse("-x"));
    }

    [Theory]
    [InlineData("`odd name`", "odd name")]
    [InlineData("`a``b`", "a`b")]
    [InlineData("`and`", "and")]
    [InlineData("größe", null)]
    [InlineData("`größe`", "größe")]
    [InlineData("user.age", "user.age")]
    [InlineData("user.name.first_2", "user.name.first_2")]
    [InlineData("$.user.age", "user.age")]
    [InlineData("$.plain", "plain")]
    public void Column_names_that_are_no_plain_words_stand_in_backticks(string text, string? column)
    {
        if (column is null)
        {
            Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text));
            return;
        }

        Assert.Equal(Col(column), ExprParser.Parse(text));
    }

    [Theory]
    [InlineData(@"x == 'it\'s'", "it's")]
    [InlineData(@"x == ""say \""hi\""""", "say \"hi\"")]
    [InlineData(@"x == 'a\nb\tc\\'", "a\nb\tc\\")]
    [InlineData("x == ''", "")]
    [InlineData("x == '日本'", "日本")]
    public void Texts_stand_in_either_quotes_with_escapes(string text, string value) =>
        Assert.Equal(Equal(X, new TextExpr(value)), ExprParser.Parse(text));

    [Theory]
    [InlineData("", 1, "ends too early")]
    [InlineData("x +", 4, "ends too early")]
    [InlineData("x y", 3, "'y' was not expected here")]
    [InlineData("(x", 3, "')' is missing at the end")]
    [InlineData("x # 2", 3, "'#' has no meaning")]
    [InlineData("1 + 2..3", 5, "'2..3' is not a finite number")]
    [InlineData("1e999", 1, "not a finite number")]
    [InlineData("x == 'open", 6, "no closing '")]
    [InlineData("1 + `open", 5, "no closing `")]
    [InlineData("x + loog(x)", 5, "no function 'loog'; known are length, log, log10, log1p, lower")]
    [InlineData("log(x, x)", 1, "log takes 1 argument, found 2")]
    [InlineData("1 + min(x)", 5, "min takes 2 arguments, found 1")]
    [InlineData("x < date('2001-02-29')", 5, "'2001-02-29' is no date; expected a text like '2001-06-30'")]
    [InlineData("date('2001-06-30T12:00')", 1, "is no date")]
    [InlineData("timestamp('soon')", 1, "'soon' is no timestamp; expected a text like '2001-06-30T17:45:00'")]
    [InlineData("timestamp(x)", 1, "timestamp takes a quoted text, found 'x'")]
    [InlineData("in_zone(x, y)", 1, "The zone of in_zone is a quoted text, found 'y'")]
    [InlineData("1 + in_zone(x, 'Europe/Berln')", 5, "In ''Europe/Berln'': there is no such time zone on this machine")]
    [InlineData("in_zone(x, '../passwd')", 1, "there is no such time zone")]
    [InlineData("coalesce(x)", 1, "coalesce takes 2 or more arguments, found 1")]
    [InlineData("between(x, 1)", 1, "between takes 3 arguments, found 2")]
    [InlineData("lower()", 1, "lower takes 1 argument, found 0")]
    [InlineData("1 + replace(x, 'a')", 5, "replace takes 3 arguments, found 2")]
    [InlineData("concat()", 1, "concat takes 1 or more arguments, found 0")]
    [InlineData("trim(x, side: 1)", 1, "trim has no option 'side'")]
    [InlineData("log()", 1, "log takes 1 argument, found 0")]
    [InlineData("log(x, base: 2)", 1, "log has no option 'base'")]
    [InlineData("log(x, [1])", 9, "log takes no list")]
    [InlineData("hash(x)", 1, "hash needs the option 'buckets'")]
    [InlineData("hash(x, buckets: 1.5)", 1, "expected a whole number")]
    [InlineData("hash(x, buckets: y)", 18, "must be a number, found 'y'")]
    [InlineData("hash(x, buckets: 1, buckets: 2)", 31, "given twice")]
    [InlineData("hash(x, buckets: -1)", 1, "is -1, expected 0 to")]
    [InlineData("quantile(x, 1.5)", 1, "is 1.5, expected 0 to 1")]
    [InlineData("bucketize(x, ['a'])", 15, "holds numbers only")]
    [InlineData("bucketize(x, [1], [2])", 20, "no further list")]
    [InlineData("vocabulary(x, [1])", 16, "holds quoted texts only")]
    [InlineData("bucketize(x, [y])", 15, "A list holds numbers or quoted texts")]
    [InlineData("x == and", 6, "'and' was not expected here")]
    public void A_mistake_is_pointed_at(string text, int column, string message)
    {
        var mistake = Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text));
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
        Assert.EndsWith($"\n  {new string(' ', column - 1)}^ column {column}", mistake.Message, StringComparison.Ordinal);
        Assert.Equal(column - 1, mistake.Position);
    }

    [Theory]
    [InlineData("(", "x", ")", 150, true)]
    [InlineData("(", "x", ")", 100_000, false)]
    [InlineData("-", "x", "", 100_000, false)]
    [InlineData("not ", "x", "", 100_000, false)]
    [InlineData("log(", "x", ")", 100_000, false)]
    [InlineData("x + ", "x", "", 199, true)]
    [InlineData("x + ", "x", "", 100_000, false)]
    [InlineData("x and ", "x", "", 100_000, false)]
    [InlineData("z_score(", "x", ")", 3, true)]
    [InlineData("z_score(", "x", ")", 60, false)]
    [InlineData("min_max(", "x", ")", 150, false)]
    public void Nesting_is_limited_however_it_is_written(string open, string core, string close, int times, bool isAllowed)
    {
        var text = string.Concat(Enumerable.Repeat(open, times)) + core + string.Concat(Enumerable.Repeat(close, times));
        if (isAllowed)
        {
            Assert.Equal(ExprParser.Parse(text), ExprParser.Parse(ExprParser.Parse(text).ToString()));
            return;
        }

        Assert.Throws<ExpressionSyntaxException>(() => ExprParser.Parse(text));
    }

    [Fact]
    public void Random_texts_are_expressions_or_refused_with_a_position_inside()
    {
        var random = new Random(11);
        string[] parts = ["x", "1", "'a'", "`c`", "(", ")", "[", "]", ",", ":", "+", "-", "*", "not", "and", "==", "hash", "bucketize", "if", " ", "\"", "\\", "é"];
        for (var repeat = 0; repeat < 5000; repeat++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                var expr = ExprParser.Parse(text);
                Assert.Equal(expr, ExprParser.Parse(expr.ToString()));
            }
            catch (ExpressionSyntaxException mistake)
            {
                Assert.InRange(mistake.Position, 0, text.Length);
            }
        }
    }
}
