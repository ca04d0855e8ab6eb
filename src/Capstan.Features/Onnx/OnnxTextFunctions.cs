using System.Globalization;
using System.Text;

namespace Capstan.Features;

/// <summary>
/// Functions of text as regular expressions (RE2's, over code points) and tokens. Patterns stand in the graph, so whatever they are made of must be
/// constant. Texts and results are [rows × 1]; what a missing text gives means nothing.
/// </summary>
/// <remarks>
/// ONNX's own operators test and split a text but can't cut one: that is done by com.microsoft's Tokenizer, with patterns that match once. Its lower case
/// (StringNormalizer) depends on a locale that must be installed, and its number from a text (Cast) fails on those that hold none.
/// </remarks>
sealed class OnnxTextFunctions(OnnxGraph graph)
{
    /// <summary>RE2 refuses higher repetitions.</summary>
    public const int LargestCount = 1000;

    /// <summary>Short enough that searching it keeps few states.</summary>
    const int BlockLength = 100;

    const string Any = "(?s:.)";

    // Char.IsWhiteSpace, which is Unicode's White_Space; RE2's \s knows ASCII only.
    const string WhiteSpace = @"\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}";

    /// <summary>A condition for each text: before, then the part, then after, and nothing else.</summary>
    /// <param name="before">Whether anything may precede the part.</param>
    /// <param name="after">Whether anything may follow it.</param>
    public OnnxValue Holds(OnnxValue text, string part, bool before, bool after) => graph.Condition(
        "RegexFullMatch", [text], new OnnxText("pattern", $"{(before ? Any + "*" : "")}{Quote(part)}{(after ? Any + "*" : "")}"));

    public OnnxValue Concat(OnnxValue x, OnnxValue y) => graph.Apply("StringConcat", OnnxType.Text, [x, y]);

    public OnnxValue Trim(OnnxValue text) =>
        OnlyToken(text, "x", Token($"[^{WhiteSpace}](?:{Any}*[^{WhiteSpace}])?"));

    /// <summary>The first code points.</summary>
    /// <param name="count">1 to <see cref="LargestCount"/>.</param>
    public OnnxValue Take(OnnxValue text, int count) => OnlyToken(text, "x", Token($@"\A{Any}{{1,{Digits(count)}}}"));

    /// <summary>What follows the first code points.</summary>
    /// <param name="count">1 to <see cref="LargestCount"/>.</param>
    public OnnxValue Skip(OnnxValue text, int count) =>
        OnlyToken(text, new string('x', count + 1), Separator($@"\A{Any}{{1,{Digits(count)}}}"));

    /// <summary>
    /// The number of code points as int64: whole blocks, and what is left of the last. The tokens of a batch fill a rectangle as wide as its longest
    /// text has, so blocks keep one long text from taking a word of memory for each of its characters in every row.
    /// </summary>
    public OnnxValue Length(OnnxValue text)
    {
        var block = $"{Any}{{{Digits(BlockLength)}}}";
        var blocks = Count(graph.Apply("Tokenizer", OnnxType.Text, [WithRow(text, "x")], Token(block)));
        var rest = OnlyToken(text, "x", Separator(block));
        var left = Count(graph.Apply("Tokenizer", OnnxType.Text, [WithRow(rest, "x")], Token(Any)));
        var total = graph.Arithmetic("Add", graph.Arithmetic("Mul", blocks, graph.Constant((long)BlockLength)), left);
        return WithoutRow(total);

        OnnxValue Count(OnnxValue tokens)
        {
            var isToken = graph.Cast(graph.Condition("Not", graph.Condition("Equal", tokens, graph.Constant(""))), OnnxType.Int64);
            return graph.Apply("ReduceSum", OnnxType.Int64, [isToken, graph.Axis(2)], new OnnxNumber("keepdims", 0));
        }
    }

    /// <summary>The part at a place between separators, and the condition that there is none.</summary>
    /// <param name="separator">Not empty.</param>
    /// <param name="place">0-based.</param>
    public (OnnxValue Part, OnnxValue Missing) SplitPart(OnnxValue text, string separator, long place)
    {
        var (parts, counts) = graph.ApplyForTwo(
            "StringSplit", OnnxType.Text, OnnxType.Int64, text, new OnnxText("delimiter", separator), new OnnxNumber("maxsplit", place + 1));
        // One more column, the text itself, so that there is something to take where no row has that many parts. An empty text has
        // no part in ONNX and one, empty like itself, here.
        var more = graph.Apply(
            "Concat", OnnxType.Text, [parts, graph.Apply("Unsqueeze", OnnxType.Text, [text, graph.Axis(2)])], new OnnxNumber("axis", 2));
        var width = graph.Apply("Shape", OnnxType.Int64, [parts], new OnnxNumber("start", 2));
        var taken = graph.Smaller(graph.Constants([place]), width);
        var part = graph.Apply(
            "Squeeze", OnnxType.Text, [graph.Apply("Gather", OnnxType.Text, [more, taken], new OnnxNumber("axis", 2)), graph.Axis(2)]);
        return (part, place == 0 ? graph.Constant(false) : graph.Condition("LessOrEqual", counts, graph.Constant(place)));
    }

    /// <summary>The token of texts that have one at most; empty where there is none.</summary>
    /// <param name="sample">A text that has one.</param>
    OnnxValue OnlyToken(OnnxValue text, string sample, OnnxAttribute[] rule)
    {
        var tokens = graph.Apply("Tokenizer", OnnxType.Text, [WithRow(text, sample)], rule);
        return WithoutRow(graph.Apply("Squeeze", OnnxType.Text, [tokens, graph.Axis(2)]));
    }

    /// <summary>One row more, because Tokenizer forgets a dimension of no rows, and all tokens of rows that have none.</summary>
    OnnxValue WithRow(OnnxValue text, string sample) =>
        graph.Apply("Concat", OnnxType.Text, [text, graph.Constant(sample)], new OnnxNumber("axis", 0));

    OnnxValue WithoutRow(OnnxValue rows) => graph.Apply(
        "Slice", rows.Type, [rows, graph.Axis(0), graph.Axis(-1), graph.Axis(0)]);

    static OnnxAttribute[] Token(string pattern) => Rule(new OnnxText("tokenexp", pattern));

    static OnnxAttribute[] Separator(string pattern) => Rule(new OnnxTexts("separators", [pattern]));

    static OnnxAttribute[] Rule(OnnxAttribute pattern) =>
        [new OnnxNumber("mark", 0), new OnnxNumber("mincharnum", 1), new OnnxText("pad_value", ""), pattern];

    static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(CultureInfo.InvariantCulture, $@"\x{{{rune.Value:x}}}");
        }

        return quoted.ToString();
    }

    static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);
}
