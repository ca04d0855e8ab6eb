using System.Linq.Expressions;
using Capstan.Data;

namespace Capstan.Features.Tests.Lambdas;

/// <summary>A lambda run by .NET and its expression run by the engine give the same values, to the bit, wherever C# gives one.</summary>
public sealed class LambdaLaws
{
    const int RowCount = 40;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 400)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Dotnet_and_the_engine_agree(int seed)
    {
        var generator = new LambdaGenerator(seed);
        var rides = Ride.Make(RowCount, generator.Random);
        var rows = Ride.ToBatch(rides);
        for (var repeat = 0; repeat < 4; repeat++)
        {
            var lambda = generator.Lambda();
            var expr = new LambdaTranslation(lambda, CSharpText.Of(lambda)).Translate();
            AssertAgree(seed, lambda, expr, rides, rows);
        }
    }

    [Fact]
    public void Most_generated_rows_have_a_value_in_csharp()
    {
        var (compared, all) = (0, 0);
        for (var seed = 0; seed < 20; seed++)
        {
            var generator = new LambdaGenerator(seed);
            var rides = Ride.Make(RowCount, generator.Random);
            compared += Expected(generator.Lambda(), rides).Count(value => value is not Nothing);
            all += RowCount;
        }

        Assert.InRange(compared, all / 2, all);
    }

    static void AssertAgree(int seed, LambdaExpression lambda, Expr expr, Ride[] rides, ColumnBatch rows)
    {
        var expected = Expected(lambda, rides);
        object?[] found = lambda.ReturnType == typeof(string)
            ? Evaluate.Texts(expr.ToString(), rows)
            : [.. Evaluate.Numbers(expr, rows).Cast<object?>()];
        for (var row = 0; row < rides.Length; row++)
        {
            Assert.True(
                expected[row] is Nothing || Equals(expected[row], found[row]),
                $"seed {seed}: {lambda}\nas {expr}\n.NET {expected[row] ?? "null"}, engine {found[row] ?? "missing"}\n{rides[row]}");
        }
    }

    /// <summary>Numbers as double, truths as 1 and 0; null where C# has null, nothing where it throws or the law makes no promise.</summary>
    static object?[] Expected(LambdaExpression lambda, Ride[] rides)
    {
        var strict = StrictEvaluation.Of(lambda);
        return [.. rides.Select(object? (ride) =>
        {
            try
            {
                return strict(ride) switch
                {
                    null => null,
                    string text => text,
                    bool truth => truth ? 1.0 : 0.0,
                    var number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture),
                };
            }
            catch (Exception none) when (none is ArithmeticException or NullReferenceException or InvalidOperationException or ArgumentException)
            {
                return new Nothing();
            }
        })];
    }

    sealed record Nothing;
}
