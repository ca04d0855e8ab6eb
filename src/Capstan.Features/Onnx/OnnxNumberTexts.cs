namespace Capstan.Features;

/// <summary>
/// The number that a text writes. ONNX's Cast from text fails, with all rows, on what is no number or has no double, and reads a
/// point as its process's language does: so it is given none of these, but digits and an exponent, DIGITSeEXPONENT, of which the
/// nearest double is sure to be found.
/// </summary>
/// <remarks>
/// Below 10⁻³⁰⁷ in magnitude, where Cast fails, the number is 0; from 10³⁰⁸ on it is missing, the largest doubles included.
/// </remarks>
sealed class OnnxNumberTexts(OnnxGraph graph)
{
    const int LargestExponent = 307;

    // What .NET takes for white space around a number, and for its end.
    const string Space = @"[\x{9}-\x{d}\x{20}]*";
    const string Number = Space + @"[+\-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?" + Space + @"\x{0}*";

    readonly OnnxTextFunctions _texts = new(graph);

    /// <summary>[rows × 1] doubles, NaN for a text that is no number.</summary>
    public OnnxValue Parse(OnnxValue text)
    {
        var isNumber = Matches(text, Number);
        var number = graph.Where(isNumber, text, graph.Constant("0"));
        var mantissa = _texts.Match(number, "0", @"\A[^eE]+");
        var (whole, fraction) = (
            Digits(_texts.Match(mantissa, "0", @"\A[^.]+")), Digits(_texts.WithoutMatch(mantissa, "0.0", @"\A[^.]*\.?")));
        var digits = _texts.Match(_texts.Concat(whole, fraction), "1", "[1-9][0-9]*");
        var exponent = graph.Arithmetic(
            "Sub", Exponent(_texts.WithoutMatch(number, "0e0", @"\A[^eE]*[eE]?")), _texts.Length(fraction));

        var magnitude = graph.Arithmetic("Add", graph.Arithmetic("Sub", _texts.Length(digits), graph.Constant(1L)), exponent);
        var isSmall = graph.Condition(
            "Or", graph.Condition("Equal", digits, graph.Constant("")),
            graph.Condition("Less", magnitude, graph.Constant(-(long)LargestExponent)));
        var isLarge = graph.Condition("Greater", magnitude, graph.Constant((long)LargestExponent));
        var written = _texts.Concat(_texts.Concat(digits, graph.Constant("e")), graph.Cast(exponent, OnnxType.Text));
        var positive = graph.Cast(
            graph.Where(graph.Condition("Or", isSmall, isLarge), graph.Constant("0"), written), OnnxType.Float64);
        var value = graph.Where(Matches(number, $"{Space}-{OnnxTextFunctions.Any}*"),
            graph.Arithmetic("Sub", graph.Constant(0.0), positive), positive);
        var isFinite = graph.Condition("And", isNumber, graph.Condition("Or", isSmall, graph.Condition("Not", isLarge)));
        return graph.Where(isFinite, value, graph.Constant(double.NaN));
    }

    /// <summary>The exponent that a sign and digits write, at most a billion in magnitude; 0 for an empty text.</summary>
    OnnxValue Exponent(OnnxValue text)
    {
        var digits = _texts.Match(text, "1", "[1-9][0-9]*");
        var isHuge = Matches(digits, "[0-9]{10,}");
        var sure = graph.Where(isHuge, graph.Constant("1000000000"),
            graph.Where(graph.Condition("Equal", digits, graph.Constant("")), graph.Constant("0"), digits));
        var size = graph.Cast(sure, OnnxType.Int64);
        return graph.Where(Matches(text, $"-{OnnxTextFunctions.Any}*"), graph.Arithmetic("Sub", graph.Constant(0L), size), size);
    }

    /// <summary>The digits in a text that has one run of them at most.</summary>
    OnnxValue Digits(OnnxValue text) => _texts.Match(text, "0", "[0-9]+");

    OnnxValue Matches(OnnxValue text, string pattern) =>
        graph.Condition("RegexFullMatch", [text], new OnnxText("pattern", pattern));
}
