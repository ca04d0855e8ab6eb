using Capstan.Data;

namespace Capstan.Features;

/// <summary>Every <see cref="ScalarFunction"/> in SQL.</summary>
sealed partial class SqlExpressions
{
    SqlValue Call(CallExpr call)
    {
        if (call.Function == ScalarFunction.TextOf)
        {
            return TextOf(call, call.Operands[0]);
        }

        var signature = FunctionSignature.Of(call.Function);
        SqlValue[] x =
        [
            .. call.Operands.Select((operand, index) =>
                signature.KindOf(index) == ValueKind.Number ? NumberOf(operand) : Of(operand)),
        ];
        return call.Function switch
        {
            ScalarFunction.Lower => _texts.ChangeCase(call, x[0], toUpper: false),
            ScalarFunction.Upper => _texts.ChangeCase(call, x[0], toUpper: true),
            ScalarFunction.Trim => _texts.Trim(call, x[0]),
            ScalarFunction.Length => _texts.Length(x[0]),
            ScalarFunction.Substring => _texts.Substring(x[0], x[1], x[2]),
            ScalarFunction.Replace => _texts.Replace(call, x[0], x[1], x[2]),
            ScalarFunction.Concat => _texts.Concat(x),
            ScalarFunction.Contains => _texts.Contains(x[0], x[1]),
            ScalarFunction.StartsWith => _texts.StartsWith(x[0], x[1]),
            ScalarFunction.EndsWith => _texts.EndsWith(x[0], x[1]),
            ScalarFunction.SplitPart => _texts.SplitPart(call, x[0], x[1], x[2]),
            ScalarFunction.NumberOf => _numberTexts.Read(call, x[0]),
            ScalarFunction.Power => _arithmetic.Power(x[0], x[1]),
            ScalarFunction.Round => _arithmetic.Round(x[0]),
            ScalarFunction.Sign => _arithmetic.Sign(x[0]),
            ScalarFunction.HyperbolicTangent => _arithmetic.HyperbolicTangent(x[0]),
            ScalarFunction.LogTen => _arithmetic.LogTen(x[0]),
            ScalarFunction.SecondsBetween => _times.SecondsBetween(call, x[0], x[1]),
            ScalarFunction.ArcTangent or ScalarFunction.Haversine or ScalarFunction.Bearing when _dialect == SqlDialect.Ansi =>
                throw new SqlNotSupportedException(call, _dialect, "the standard has no angle of a point (atan2)."),
            ScalarFunction.ArcTangent => _arithmetic.ArcTangent(x[0], x[1]),
            ScalarFunction.Haversine => _geodesy.Haversine(x[0], x[1], x[2], x[3]),
            ScalarFunction.Bearing => _geodesy.Bearing(x[0], x[1], x[2], x[3]),
            ScalarFunction.IndexOf => _texts.IndexOf(x[0], x[1]),
            ScalarFunction.Occurrences => _texts.CountOf(call, x[0], x[1]),
            ScalarFunction.PadLeft => _texts.PadLeft(call, x[0], x[1], x[2]),
            >= ScalarFunction.Split and <= ScalarFunction.Includes when _dialect == SqlDialect.Ansi =>
                throw new SqlNotSupportedException(call, _dialect, "the standard's arrays are not tried on any database."),
            ScalarFunction.Split => _lists.Split(x[0], x[1]),
            ScalarFunction.Words => _lists.Words(x[0]),
            ScalarFunction.Characters => _lists.Characters(x[0]),
            ScalarFunction.NGrams => _lists.NGrams(call, x[0]),
            ScalarFunction.Distinct => _lists.Distinct(x[0]),
            ScalarFunction.Count => _lists.Count(x[0]),
            ScalarFunction.Item => _lists.Item(x[0], x[1]),
            ScalarFunction.Join => _lists.Join(x[0], x[1]),
            ScalarFunction.Includes => _lists.Includes(x[0], x[1]),
            ScalarFunction.Normalize or ScalarFunction.StripAccents => throw new SqlNotSupportedException(
                call, _dialect, "a database's normal forms are of its own version of Unicode; change such texts before, or here."),
            ScalarFunction.RegexMatches or ScalarFunction.RegexExtract or ScalarFunction.RegexReplace => throw new SqlNotSupportedException(
                call, _dialect, "a database's patterns have another syntax and find other matches."),
            _ => throw Unknown(call, signature.Name),
        };
    }
}
