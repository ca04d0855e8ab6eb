using System.Diagnostics;

namespace Capstan.Features;

/// <summary>The instruction of each <see cref="ScalarFunction"/>.</summary>
sealed partial class PlanCompiler
{
    Root EmitCall(CallExpr call)
    {
        if (call.Function == ScalarFunction.TextOf)
        {
            return new Root(ValueKind.Text, EmitText(call.Operands[0]));
        }

        // Patterns and forms are in the instruction, not in registers.
        var takesConstants = call.Function is ScalarFunction.RegexMatches or ScalarFunction.RegexExtract or ScalarFunction.RegexReplace or ScalarFunction.Normalize
            or ScalarFunction.NGrams;
        var operands = call.Operands.Take(takesConstants ? 1 : call.Operands.Count).Select(operand => Emit(operand).Register)
            .ToArray();
        return FunctionSignature.Of(call.Function).Result switch
        {
            ValueKind.Text => NewText(result => TextCall(call, operands, result)),
            ValueKind.List => NewList(result => ListCall(call, operands, result)),
            ValueKind.Truth => Number(result => TruthCall(call, operands, result), isTruth: true),
            _ => Number(result => NumberCall(call.Function, operands, result)),
        };
    }

    static Op TruthCall(CallExpr call, int[] x, int result) => call.Function switch
    {
        ScalarFunction.RegexMatches => new RegexMatchesOp(TextPattern.Of(call), x[0], result),
        ScalarFunction.Includes => new IncludesOp(x[0], x[1], result),
        _ => new TextTestOp(call.Function, x[0], x[1], result),
    };

    static Op ListCall(CallExpr call, int[] x, int result) => call.Function switch
    {
        ScalarFunction.Split => new SplitOp(x[0], x[1], result),
        ScalarFunction.Words => new WordsOp(x[0], result),
        ScalarFunction.Characters => new CharactersOp(x[0], result),
        ScalarFunction.NGrams => NGramsOp.Of(call, x[0], result),
        ScalarFunction.Distinct => new DistinctOp(x[0], result),
        _ => throw new UnreachableException(),
    };

    static Op TextCall(CallExpr call, int[] x, int result) => call.Function switch
    {
        ScalarFunction.RegexExtract => new RegexExtractOp(TextPattern.Of(call), TextPattern.GroupOf(call), x[0], result),
        ScalarFunction.RegexReplace => new RegexReplaceOp(TextPattern.Of(call), TextPattern.ReplacementOf(call), x[0], result),
        ScalarFunction.Normalize or ScalarFunction.StripAccents => new NormalizeOp(TextForms.Of(call), x[0], result),
        ScalarFunction.PadLeft => new PadLeftOp(x[0], x[1], x[2], result),
        ScalarFunction.Lower => new ChangeCaseOp(toUpper: false, x[0], result),
        ScalarFunction.Upper => new ChangeCaseOp(toUpper: true, x[0], result),
        ScalarFunction.Trim => new TrimOp(x[0], result),
        ScalarFunction.Substring => new SubstringOp(x[0], x[1], x[2], result),
        ScalarFunction.Replace => new ReplaceOp(x[0], x[1], x[2], result),
        ScalarFunction.Concat => new ConcatOp([.. x], result),
        ScalarFunction.Item => new ItemOp(x[0], x[1], result),
        ScalarFunction.Join => new JoinOp(x[0], x[1], result),
        ScalarFunction.SplitPart => new SplitPartOp(x[0], x[1], x[2], result),
        _ => throw new UnreachableException(),
    };

    static Op NumberCall(ScalarFunction function, int[] x, int result) => function switch
    {
        ScalarFunction.Length => new LengthOp(x[0], result),
        ScalarFunction.Count => new CountOp(x[0], result),
        ScalarFunction.IndexOf => new IndexOfOp(x[0], x[1], result),
        ScalarFunction.Occurrences => new OccurrencesOp(x[0], x[1], result),
        ScalarFunction.NumberOf => new TextToNumber(x[0], result),
        ScalarFunction.Power => new MapPairsOp<PowerFunction>(x[0], x[1], result),
        ScalarFunction.Round => new MapOp<RoundFunction>(x[0], result),
        ScalarFunction.Sign => new MapOp<SignFunction>(x[0], result),
        ScalarFunction.ArcTangent => new MapPairsOp<ArcTangentFunction>(x[0], x[1], result),
        ScalarFunction.HyperbolicTangent => new MapOp<TanhFunction>(x[0], result),
        ScalarFunction.LogTen => new MapOp<LogTenFunction>(x[0], result),
        ScalarFunction.SecondsBetween => new SecondsBetweenOp(x[0], x[1], result),
        ScalarFunction.Haversine => new MapPointsOp<HaversineFunction>(x[0], x[1], x[2], x[3], result),
        ScalarFunction.Bearing => new MapPointsOp<BearingFunction>(x[0], x[1], x[2], x[3], result),
        _ => throw new UnreachableException(),
    };
}
