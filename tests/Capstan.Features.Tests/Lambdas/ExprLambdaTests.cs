using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;

namespace Capstan.Features.Tests.Lambdas;

/// <summary>What lambdas become, as text. That it means the same is the law's business (LambdaLaws).</summary>
[SuppressMessage("Globalization", "CA1862", Justification = "What is better written otherwise must be refused or translated all the same.")]
[SuppressMessage("Performance", "CA1847", Justification = "As above.")]
[SuppressMessage("Performance", "CA1865", Justification = "As above.")]
[SuppressMessage("Performance", "CA1866", Justification = "As above.")]
public sealed class ExprLambdaTests
{
    static readonly double[] Limits = [1, 2.5];
    static readonly List<string> Known = ["A", "B"];
    static readonly HashSet<DateTime> Holidays = [new(2001, 1, 1), new(2001, 12, 25)];

    static void Becomes<T>(string text, Expression<Func<Ride, T>> lambda)
    {
        var expr = ExprLambda.Of(lambda);
        Assert.Equal(text, expr.ToString());
        Assert.Equal(expr, ExprParser.Parse(text));
    }

    [Fact]
    public void Numbers()
    {
        var factor = 3;
        Becomes("X / max(N / 3600, 0.01)", t => t.X / Math.Max(t.N / 3600.0, 0.01));
        Becomes("X * 3 + 2.5", t => t.X * factor + Limits[1]);
        Becomes("if(N / 2 < 0, -floor(-(N / 2)), floor(N / 2))", t => t.N / 2);
        Becomes("floor(hour(Start) / 6)", t => t.Start.Hour / 6);
        Becomes("hour(Start) % 6", t => t.Start.Hour % 6);
        Becomes("floor(hour(Start) * 60 + minute(Start))", t => (int)(double)(t.Start.Hour * 60 + t.Start.Minute));
        Becomes("if(abs(X) < 10000000000000000, round(X * 100) / 100, X)", t => Math.Round(t.X, 2));
        Becomes("-floor(-X)", t => Math.Ceiling(t.X));
        Becomes("min(max(X, 0), 10)", t => Math.Clamp(t.X, 0, 10));
        Becomes("log(X) / log(2)", t => Math.Log(t.X, 2));
        Becomes("Money / Single", t => (double)t.Money / t.Single);
        Becomes("impute(Tip, 0) + impute(Riders, 1)", t => t.Tip.GetValueOrDefault() + (t.Riders ?? 1));
        Becomes("if(X > 0, X, 0 / 0)", t => t.X > 0 ? t.X : double.NaN);
        Becomes("if(X > 0, Tip, 0 / 0)", t => t.X > 0 ? t.Tip : null);
        Becomes("Long - 1", t => checked((int)t.Long) - 1);
        Becomes("not is_missing(X / Y)", t => double.IsFinite(t.X / t.Y));
    }

    [Fact]
    public void Conditions()
    {
        var wanted = true;
        Becomes("if(Tip > 1 or Flag, 1, 0)", t => t.Tip > 1 || t.Flag ? 1 : 0);
        Becomes("Tip > 1 and not is_missing(Tip)", t => t.Tip > 1);
        Becomes("not (Tip > 1 and not is_missing(Tip))", t => !(t.Tip > 1));
        Becomes("Riders != 2 or is_missing(Riders)", t => t.Riders != 2);
        Becomes("is_missing(Tip)", t => t.Tip == null);
        Becomes("not is_missing(Tip)", t => t.Tip.HasValue);
        Becomes("if(Night, 1, 0)", t => t.Night == true ? 1 : 0);
        Becomes("Night and not is_missing(Night)", t => t.Night ?? false);
        Becomes("Night or is_missing(Night)", t => t.Night ?? true);
        Becomes("X > 1", t => wanted && t.X > 1);
        Becomes("Y", t => wanted ? t.Y : t.X);
        Becomes("Flag != (X > 0)", t => t.Flag ^ t.X > 0);
    }

    [Fact]
    public void Texts()
    {
        Becomes("if(Word == 'a', 1, 0)", t => t.Word == "a" ? 1 : 0);
        Becomes("vendor_id == 'a' and not is_missing(vendor_id)", t => t.Vendor == "a");
        Becomes("concat(lower(trim(Word)), '-', impute(vendor_id, ''))", t => t.Word!.Trim().ToLowerInvariant() + "-" + t.Vendor);
        Becomes("replace(impute(Word, ''), 'a', 'b')", t => (t.Word ?? "").Replace('a', 'b'));
        Becomes("starts_with(Word, 'é') and ends_with(Word, '!')", t => t.Word!.StartsWith("é", StringComparison.Ordinal) && t.Word.EndsWith('!'));
        Becomes("is_missing(Word) or Word == ''", t => string.IsNullOrEmpty(t.Word));
        Becomes("length(Word) + 1", t => Feature.Length(t.Word) + 1);
        Becomes("substring(Word, 0, 2)", t => Feature.Substring(t.Word, 0, 2));
        Becomes("split_part(Word, ',', 1)", t => Feature.SplitPart(t.Word, ",", 1));
        Becomes("number(Word)", t => Feature.NumberOf(t.Word));
        Becomes("text(X)", t => Feature.TextOf(t.X));
    }

    [Fact]
    public void Names_of_enumerations_and_letters_are_texts()
    {
        Becomes("Payment == 'Card'", t => t.Payment == Payment.Card);
        Becomes("if(Other == 'Voucher', 1, 0)", t => t.Other == Payment.Voucher ? 1 : 0);
        Becomes("Other != 'Cash' or is_missing(Other)", t => t.Other != Payment.Cash);
        Becomes("Letter == 'é'", t => t.Letter == 'é');
    }

    [Fact]
    public void Times()
    {
        Becomes("(weekday(Start) + 1) % 7 == 0", t => t.Start.DayOfWeek == DayOfWeek.Sunday);
        Becomes("weekday(Start) >= 5", t => Feature.IsWeekend(t.Start));
        Becomes("year(Day) * 366 + day_of_year(Offset)", t => t.Day.Year * 366 + t.Offset.DayOfYear);
        Becomes("seconds_between(Start, End)", t => (t.End!.Value - t.Start).TotalSeconds);
        Becomes("round(seconds_between(Start, End) * 1000000) / 60000000", t => t.End!.Value.Subtract(t.Start).TotalMinutes);
        Becomes("seconds_between(Start, Start) > 300", t => t.Start - t.Start > TimeSpan.FromMinutes(5));
        Becomes("Start >= date('2001-06-30')", t => t.Start >= new DateTime(2001, 6, 30));
        Becomes("hour(in_zone(Start, 'Europe/Berlin'))", t => Feature.InZone(t.Start, "Europe/Berlin").Hour);
    }

    [Fact]
    public void Membership_in_captured_collections()
    {
        string[] none = [];
        Becomes(
            "Word == 'A' and not is_missing(Word) or Word == 'B' and not is_missing(Word)",
            t => Known.Contains(t.Word!) || none.Contains(t.Word));
        Becomes("Start == date('2001-01-01') or Start == date('2001-12-25')", t => Holidays.Contains(t.Start));
        Becomes("N == 1 or N == 2", t => new[] { 1, 2 }.Contains(t.N));
    }

    [Fact]
    public void Functions_that_csharp_has_no_word_for()
    {
        var ready = ExprParser.Parse("log1p(Tip)");
        Becomes("(Tip - mean(Tip)) / stddev(Tip)", t => Feature.ZScore(t.Tip));
        Becomes("(N - minimum(N)) / range(N)", t => Feature.MinMax(t.N));
        Becomes("bucketize(X, 10)", t => Feature.Bucketize(t.X, 10));
        Becomes("bucketize(X, [1, 2.5])", t => Feature.Bucketize(t.X, Limits));
        Becomes("vocabulary(Word, max_size: 10000)", t => Feature.Vocabulary(t.Word));
        Becomes("vocabulary(Word, max_size: 5, min_count: 2, unknown_buckets: 3)", t => Feature.Vocabulary(t.Word, 5, 2, 3));
        Becomes("vocabulary(Word, ['a', 'b'])", t => Feature.Vocabulary(t.Word, "a", "b"));
        Becomes("vocabulary(Riders, max_size: 7)", t => Feature.Vocabulary(t.Riders, 7));
        Becomes("hash(Word, buckets: 9, seed: 3)", t => Feature.Hash(t.Word, 9, 3));
        Becomes("cross(vendor_id, bucketize(hour(Start), 24), buckets: 500)", t => Feature.Cross(500, t.Vendor, Feature.Bucketize(t.Start.Hour, 24)));
        Becomes("min(max(X, quantile(X, 0.01)), quantile(X, 0.5))", t => Feature.Clip(t.X, Feature.Quantile(t.X, 0.01), Feature.Median(t.X)));
        Becomes("impute(X, mean(X)) + maximum(X)", t => Feature.Impute(t.X, Feature.Mean(t.X)) + Feature.Maximum(t.X));
        Becomes("log1p(Tip) * 2 + number('1')", t => Feature.From<double>(ready) * 2 + Feature.From<double>("number('1')"));
        Becomes("is_missing(X)", t => Feature.IsMissing(t.X));
        Becomes("N % 3", t => Feature.Modulo(t.N, 3));
        Becomes("sin(hour(Start) / 24 * 6.283185307179586)", t => Feature.CycleSin(t.Start.Hour, 24));
        Becomes("haversine(X, Y, 52, 13)", t => Feature.Haversine(t.X, t.Y, 52, 13));
    }

    static void IsRefused<T>(string found, string advice, Expression<Func<Ride, T>> lambda)
    {
        var problem = Assert.Throws<LambdaException>(() => ExprLambda.Of(lambda, "t => …"));
        Assert.Equal((found, "t => …"), (problem.Found, problem.Lambda));
        Assert.Contains(advice, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_mean_something_else_is_refused_by_name_with_a_way_out()
    {
        var (random, none) = (new Random(1), 0.0);
        IsRefused("t.Word.Length", "Feature.Length(t.Word)", t => t.Word!.Length > 3);
        IsRefused("t.Word.Substring(0, 2)", "Feature.Substring", t => t.Word!.Substring(0, 2) == "ab");
        IsRefused("t.Word[0]", "Feature.Substring", t => t.Word![0] == 'a');
        IsRefused("t.Word.ToLower()", "Invariant", t => t.Word!.ToLower() == "a");
        IsRefused("t.Word.StartsWith(\"a\")", "StringComparison.Ordinal", t => t.Word!.StartsWith("a"));
        IsRefused("t.Word.Contains(\"a\", StringComparison.OrdinalIgnoreCase)", "Ordinal", t => t.Word!.Contains("a", StringComparison.OrdinalIgnoreCase));
        IsRefused("t.Word + t.N", "Feature.TextOf", t => t.Word + t.N);
        IsRefused("string.Format(\"{0}/{1}\", t.N, t.Word)", "Feature.TextOf", t => $"{t.N}/{t.Word}");
        IsRefused("t.X % 2", "Feature.Modulo", t => t.X % 2);
        IsRefused("t.Single * t.Single", "single precision", t => t.Single * t.Single);
        IsRefused("t.Money / 2", "cast the operands to double", t => t.Money / 2);
        IsRefused("t.Money > 2.5", "cast both sides to double", t => t.Money > 2.5m);
        IsRefused("(byte)t.N", "checked((byte)", t => (byte)t.N * 2);
        IsRefused("(float)t.X", "double precision", t => (float)t.X);
        IsRefused("(int)t.Payment", "holds its name as text", t => (int)t.Payment + 1);
        IsRefused("Math.Cbrt(t.X)", "there are Abs", t => Math.Cbrt(t.X));
        IsRefused("MathF.Sqrt(t.Single)", "use Math", t => MathF.Sqrt(t.Single));
        IsRefused("double.IsNaN(t.X)", "double.IsFinite", t => double.IsNaN(t.X));
        IsRefused("t.N << 1", "arithmetic of bits", t => t.N << 1);
        IsRefused("DateTime.UtcNow", "another value each time", t => t.Start > DateTime.UtcNow);
        IsRefused("random.Next()", "another value each time", t => t.N + random.Next());
        IsRefused("t.Start.Date", "it has no translation", t => t.Start.Date == new DateTime(2001, 1, 1));
        IsRefused("t.Offset - t.Offset", "wall clocks", t => (t.Offset - t.Offset).TotalSeconds);
        IsRefused("t.Offset > t.Offset", "wall clocks", t => t.Offset > t.Offset);
        IsRefused("t.Offset.UtcDateTime", "wall clock", t => t.Offset.UtcDateTime.Hour);
        IsRefused("t.Start.AddHours(1)", "no translation", t => t.Start.AddHours(1).Hour);
        IsRefused("t.Field", "make it a property", t => t.Field);
        IsRefused("t.Next.X", "own properties are columns", t => t.Next!.X);
        IsRefused("t", "take one of its properties", t => t);
        IsRefused("ExprLambdaTests.Twice(t.X)", "write out what it does", t => Twice(t.X));
        IsRefused("t.N", "must be a constant", t => Feature.Bucketize(t.X, t.N));
        IsRefused("Feature.From(\"1 +\")", "", t => Feature.From<double>("1 +"));
        IsRefused("ExprLambdaTests.Limits[0] / none", "finite", t => t.X > Limits[0] / none);
    }

    static double Twice(double x) => 2 * x;

    [Fact]
    public void The_message_shows_the_lambda_as_it_was_written() => Assert.StartsWith(
        "In the lambda '(Ride t) => Math.Cbrt(t.X) /* the root */ + 1', 'Math.Cbrt(t.X)': it has no translation;",
        Assert.Throws<LambdaException>(() => ExprLambda.Of((Ride t) => Math.Cbrt(t.X) /* the root */ + 1)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Names_of_feature_functions_are_never_called()
    {
        Assert.Contains("can't be called", Assert.Throws<InvalidOperationException>(() => Feature.ZScore(1)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => (Category)"text");
    }

    [Fact]
    public void Every_function_of_feature_has_a_translation()
    {
        // Each method is called with its own parameters as what they may be: rows for numbers and texts, constants where the translation says so.
        foreach (var method in typeof(Feature).GetMethods().Where(method => method.IsStatic && !method.IsGenericMethod))
        {
            var row = Expression.Parameter(typeof(Ride), "t");
            var arguments = method.GetParameters().Select(parameter => Argument(row, parameter.ParameterType, parameter.Name!));
            var lambda = Expression.Lambda(Expression.Call(method, arguments), row);
            Assert.NotNull(new LambdaTranslation(lambda, method.Name).Translate());
        }
    }

    static Expression Argument(ParameterExpression row, Type type, string name) =>
        name is "zone" ? Expression.Constant("UTC")
        : type == typeof(double?) ? Expression.Property(row, nameof(Ride.Tip))
        : type == typeof(int?) ? Expression.Property(row, nameof(Ride.Riders))
        : type == typeof(string) ? Expression.Property(row, nameof(Ride.Word))
        : type == typeof(DateTime?) ? Expression.Property(row, nameof(Ride.End))
        : type == typeof(Category[]) ? Expression.NewArrayInit(typeof(Category), Expression.Convert(Expression.Property(row, nameof(Ride.Word)), typeof(Category)))
        : type.IsArray ? Expression.Constant(Array.CreateInstance(type.GetElementType()!, 0)) // an array has elements
        : Expression.Constant(Convert.ChangeType(2, type, System.Globalization.CultureInfo.InvariantCulture));
}
