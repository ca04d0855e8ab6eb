using Capstan.Features.Tests.Parity;

namespace Capstan.Features.Tests;

/// <summary>Printing and parsing gives the same tree, before fitting too, and no kind of node is left out of that.</summary>
public sealed class RoundTripLaws
{
    const int SeedCount = 900;

    static IEnumerable<Expr> Expressions => Enumerable.Range(0, SeedCount).Select(seed => Unfit(seed % 10 == 0 ? new ExprGenerator(seed).Vector(3) : new ExprGenerator(seed).Feature(), new Random(seed)));

    [Fact]
    public void What_is_yet_to_be_fitted_prints_and_parses_to_the_same_tree() =>
        Assert.All(Expressions, expr => Assert.Equal(expr, ExprParser.Parse(expr.ToString())));

    [Fact]
    public void Every_node_function_operator_part_and_statistic_is_among_them()
    {
        var seen = Expressions.SelectMany(Parts).ToHashSet();
        Assert.Empty(typeof(Expr).Assembly.GetTypes().Where(type => !type.IsAbstract && Closed.Any(kind => kind.IsAssignableFrom(type))).Except(seen));
        Assert.Empty(Enum.GetValues<ScalarFunction>().Cast<object>().Except(seen));
        Assert.Empty(Enum.GetValues<UnaryOperator>().Cast<object>().Except(seen));
        Assert.Empty(Enum.GetValues<BinaryOperator>().Cast<object>().Except(seen));
        Assert.Empty(Enum.GetValues<TimePart>().Cast<object>().Except(seen));
        Assert.Empty(FittedFunction.All.Cast<object>().Except(seen));
        Assert.Empty(Enum.GetValues<Statistic>().Cast<object>().Except(seen));
    }

    static readonly Type[] Closed = [typeof(Expr), typeof(Boundaries), typeof(Terms), typeof(VectorTerms)];

    /// <summary>A tree with constants taken for what fitting found: statistics for numbers, learned boundaries and terms.</summary>
    static Expr Unfit(Expr expr, Random random) => ExprChildren.WithChildren(expr, child => Unfit(child, random)) switch
    {
        NumberExpr => random.Next(4) switch
        {
            0 when Enum.GetValues<Statistic>() is var all && all[random.Next(all.Length)] is var statistic =>
                new StatisticExpr(statistic, statistic == Statistic.Quantile ? Math.Round(random.NextDouble(), 3) : 0, new ColumnExpr("x")),
            1 => Fitted(FittedFunction.All[random.Next(FittedFunction.All.Length)], random),
            2 => new PickExpr(new VocabularyExpr(new ColumnExpr("word"), new FixedTerms(["a"], 1)), [random.Next(-2, 3), 0.5, 1e-9]),
            _ => expr,
        },
        BucketizeExpr bucketize when random.Next(2) == 0 => bucketize with { Boundaries = new QuantileBoundaries(random.Next(2, 1000)) },
        VocabularyExpr vocabulary when random.Next(2) == 0 =>
            vocabulary with { Terms = new LearnedTerms(random.Next(1, 100_000), random.Next(1, 4), random.Next(1, 3)) },
        TermVectorExpr vector when random.Next(2) == 0 =>
            vector with { Terms = new LearnedVectorTerms(random.Next(1, 10_000), random.Next(1, 4), vector.Weight != TermWeight.InverseFrequency || random.Next(2) == 0) },
        PickExpr when random.Next(2) == 0 => Features.Expressions.MeanBy(new ColumnExpr("x"), new ColumnExpr("word")),
        var fitted => fitted,
    };

    static FittedExpr Fitted(FittedFunction function, Random random) => new(
        function,
        [.. Enumerable.Range(0, function.Operands.Length + (function.Repeats ? random.Next(3) : 0)).Select(index => new ColumnExpr(
            function.OperandAt(index).Kinds[0] switch { ValueKind.Text => "word", ValueKind.Truth => "flag", _ => "x" }))],
        [.. function.Options.Select(option =>
            option.IsWhole ? option.Low + random.Next(2) : Math.Round(option.Low + random.NextDouble() * (Math.Min(option.High, option.Low + 1) - option.Low), 3))]);

    static IEnumerable<object> Parts(Expr expr)
    {
        object[] own = expr switch
        {
            CallExpr call => [call.Function],
            UnaryExpr unary => [unary.Operator],
            BinaryExpr binary => [binary.Operator],
            TimePartExpr part => [part.Part],
            StatisticExpr statistic => [statistic.Statistic],
            FittedExpr fitted => [fitted.Function],
            BucketizeExpr bucketize => [bucketize.Boundaries.GetType()],
            VocabularyExpr vocabulary => [vocabulary.Terms.GetType()],
            TermVectorExpr vector => [vector.Terms.GetType()],
            _ => [],
        };
        return [expr.GetType(), .. own, .. ExprChildren.Of(expr).SelectMany(Parts)];
    }

    [Theory]
    [InlineData(-25)]
    [InlineData(-958)]
    [InlineData(-1074)]
    [InlineData(1023)]
    public void Constants_read_back_as_the_same_double(int exponent)
    {
        var constant = new NumberExpr(Math.ScaleB(1, exponent));
        Assert.Equal(constant, ExprParser.Parse(constant.ToString()));
    }
}
