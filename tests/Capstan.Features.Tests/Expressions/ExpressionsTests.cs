using System.Reflection;

namespace Capstan.Features.Tests;

/// <summary>Everything that the text form has is there in C#, too.</summary>
public sealed class ExpressionsTests
{
    /// <summary>Names that are other words in C#; all others are the same word in its spelling.</summary>
    static readonly Dictionary<string, string> Otherwise = new()
    {
        ["atan2"] = nameof(Expressions.ArcTangent), ["date"] = nameof(Expressions.Timestamp),
        ["log10"] = nameof(Expressions.LogTen), ["log1p"] = nameof(Expressions.LogOnePlus),
        ["ngrams"] = nameof(Expressions.NGrams), ["number"] = nameof(Expressions.NumberOf), ["stddev"] = nameof(Expressions.StandardDeviation),
        ["stddev_by"] = nameof(Expressions.StandardDeviationBy),
        ["tanh"] = nameof(Expressions.HyperbolicTangent), ["text"] = nameof(Expressions.TextOf),
    };

    static readonly ILookup<string, MethodInfo> Methods = typeof(Expressions).GetMethods().ToLookup(method => method.Name);

    [Fact]
    public void Every_function_of_the_text_form_is_a_method() => Assert.DoesNotContain(
        FunctionNames.All, name => !Methods[Otherwise.GetValueOrDefault(name) ?? Pascal(name)].Any(method => method.ReturnType == typeof(Expr)));

    [Fact]
    public void Every_infix_operator_is_an_operator_or_a_method()
    {
        Expr x = 1, y = 2;
        Dictionary<string, Expr> written = new()
        {
            ["or"] = x | y, ["and"] = x & y, ["=="] = Expressions.Equal(x, y), ["!="] = Expressions.NotEqual(x, y),
            ["<="] = x <= y, [">="] = x >= y, ["<"] = x < y, [">"] = x > y, ["+"] = x + y, ["-"] = x - y, ["*"] = x * y, ["/"] = x / y, ["%"] = x % y,
        };
        Assert.Equal(FunctionNames.Infix.Select(infix => infix.Symbol).Order(), written.Keys.Order());
        Assert.All(written, each => Assert.Equal(ExprParser.Parse($"1 {each.Key} 2"), each.Value));
        Assert.Equal((ExprParser.Parse("not (1 < 2)"), ExprParser.Parse("-(1)")), (!(x < y), -x));
    }

    static string Pascal(string name) => string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
