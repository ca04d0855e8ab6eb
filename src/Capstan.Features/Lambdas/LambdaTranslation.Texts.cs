using System.Linq.Expressions;

namespace Capstan.Features;

/// <summary>Methods of string.</summary>
sealed partial class LambdaTranslation
{
    Expr TextCall(MethodCallExpression call)
    {
        var arguments = call.Arguments;
        switch (call.Method.Name)
        {
            case nameof(string.ToLowerInvariant):
                return Expressions.Lower(Of(Owner(call)));
            case nameof(string.ToUpperInvariant):
                return Expressions.Upper(Of(Owner(call)));
            case nameof(string.Trim) when arguments.Count == 0:
                return Expressions.Trim(Of(Owner(call)));
            case nameof(string.ToString) when arguments.Count == 0:
                return Of(Owner(call));
            case nameof(string.Contains) when arguments.Count == 1 || IsOrdinal(arguments[1]):
                return Expressions.Contains(Of(Owner(call)), Of(arguments[0]));
            case nameof(string.StartsWith) when IsByLetters(arguments):
                return Expressions.StartsWith(Of(Owner(call)), Of(arguments[0]));
            case nameof(string.EndsWith) when IsByLetters(arguments):
                return Expressions.EndsWith(Of(Owner(call)), Of(arguments[0]));
            case nameof(string.Replace) when arguments.Count == 2 || (arguments.Count == 3 && IsOrdinal(arguments[2])):
                return Expressions.Replace(Of(Owner(call)), Of(arguments[0]), Joined(arguments[1]));
            case nameof(string.Concat) when arguments.All(argument => argument.Type == typeof(string)):
                return Concat(call, arguments);
            case nameof(string.Equals) when call.Object is { } owner && IsByLetters(arguments, letters: true):
                return Compare(call, BinaryOperator.Equal, owner, arguments[0], inCondition: false);
            case nameof(string.Equals) when call.Object is null && (arguments.Count == 2 || IsOrdinal(arguments[2])):
                return Compare(call, BinaryOperator.Equal, arguments[0], arguments[1], inCondition: false);
            case nameof(string.IsNullOrEmpty):
                var text = Of(arguments[0]);
                return Or(Expressions.IsMissing(text), Expressions.Equal(text, Expressions.Text("")));
            case nameof(string.IsNullOrWhiteSpace):
                var wide = Of(arguments[0]);
                return Or(Expressions.IsMissing(wide), Expressions.Equal(Expressions.Trim(wide), Expressions.Text("")));
            default:
                throw Refuse(call, Advice(call));
        }
    }

    static string Advice(MethodCallExpression call) => call.Method.Name switch
    {
        nameof(string.ToLower) or nameof(string.ToUpper) =>
            "it depends on the language of the machine; use the method that ends with Invariant.",
        nameof(string.StartsWith) or nameof(string.EndsWith) or nameof(string.Contains) or nameof(string.Equals) =>
            "it compares by the rules of a language; add StringComparison.Ordinal.",
        nameof(string.Replace) => "it compares by the rules of a language; use Replace(old, new).",
        nameof(string.Substring) =>
            "it counts UTF-16 units, and features count code points; write Feature.Substring(text, start, count).",
        nameof(string.Split) => "it has no translation; write Feature.SplitPart(text, separator, index).",
        "get_Chars" => "it counts UTF-16 units, and features count code points; write Feature.Substring(text, index, 1).",
        nameof(string.Concat) or nameof(string.Format) =>
            "numbers and times become text by the rules of a language; write Feature.TextOf(x) for a number, and join with +.",
        nameof(string.Compare) or nameof(string.CompareTo) or nameof(string.CompareOrdinal) =>
            "texts have no order in features; compare them with ==.",
        _ => "it has no translation; there are ToLowerInvariant, ToUpperInvariant, Trim, Contains, StartsWith, EndsWith, " +
            "Replace, +, " +
            "and what Feature has.",
    };

    Expr Concat(Expression node, IReadOnlyList<Expression> parts)
    {
        var texts = new List<Expr>();
        foreach (var part in parts)
        {
            if (part.Type != typeof(string))
            {
                throw Refuse(
                    node, "numbers and times become text by the rules of a language; write Feature.TextOf(x) for a number.");
            }

            // a + b + c comes as (a + b) + c; one concat of all is the same text.
            var joined = Joined(part);
            texts.AddRange(joined is CallExpr { Function: ScalarFunction.Concat } inner ? inner.Operands : [joined]);
        }

        return Expressions.Concat([.. texts]);
    }

    /// <summary>A text as C# joins it: null is empty.</summary>
    Expr Joined(Expression part) => _constants.Holds(part) && ValueOf(part) is null ? Expressions.Text("")
        : MayBeNull(part) ? Expressions.Impute(Of(part), Expressions.Text(""))
        : Of(part);

    Expression Owner(MethodCallExpression call) => call.Object ?? throw Refuse(call, "it has no translation.");

    /// <summary>Whether a comparison looks at code points alone: of a single char always, of texts only if it says so.</summary>
    bool IsByLetters(IReadOnlyList<Expression> arguments, bool letters = false) =>
        arguments.Count == 1 ? letters || arguments[0].Type == typeof(char) : IsOrdinal(arguments[1]);

    bool IsOrdinal(Expression argument) =>
        _constants.Holds(argument) && ValueOf(argument) is StringComparison.Ordinal;
}
