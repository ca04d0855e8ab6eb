using System.Globalization;
using System.Text;

namespace Capstan.Features;

/// <summary>
/// Functions of text as regular expressions (RE2's, over code points) and tokens. Patterns stand in the graph, so whatever they
/// are made of must be constant. Texts and results are [rows × 1]; what a missing text gives means nothing.
/// </summary>
/// <remarks>
/// ONNX's own operators test and split a text but can't cut one: that is done by com.microsoft's Tokenizer, with patterns that
/// match once, or match each part of it. Its lower case (StringNormalizer) depends on a locale that must be installed: case is a
/// table of characters here.
/// </remarks>
sealed class OnnxTextFunctions(OnnxGraph graph)
{
    /// <summary>RE2 refuses higher repetitions.</summary>
    public const int LargestCount = 1000;

    /// <summary>Short enough that searching it keeps few states.</summary>
    const int BlockLength = 100;

    /// <summary>The pattern of any one code point.</summary>
    public const string Any = "(?s:.)";

    // Char.IsWhiteSpace, which is Unicode's White_Space; RE2's \s knows ASCII only.
    const string WhiteSpace = @"\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}";

    readonly OnnxListFunctions _lists = new(graph);

    /// <summary>A condition for each text: before, then the part, then after, and nothing else.</summary>
    /// <param name="before">Whether anything may precede the part.</param>
    /// <param name="after">Whether anything may follow it.</param>
    public OnnxValue Holds(OnnxValue text, string part, bool before, bool after) => graph.Condition(
        "RegexFullMatch", [text], new OnnxText(
            "pattern", $"{(before ? Any + "*" : "")}{CodePointClass.Quote(part)}{(after ? Any + "*" : "")}"));

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
    /// The number of code points as int64: whole blocks, and what is left of the last. The tokens of a batch fill a rectangle as
    /// wide as its longest text has, so blocks keep one long text from taking a word of memory for each of its characters in
    /// every row.
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
            var isToken = graph.Cast(
                graph.Condition("Not", graph.Condition("Equal", tokens, graph.Constant(""))), OnnxType.Int64);
            return graph.Apply("ReduceSum", OnnxType.Int64, [isToken, graph.Axis(2)], new OnnxNumber("keepdims", 0));
        }
    }

    /// <summary>The part at a place between separators, and the condition that there is none.</summary>
    /// <param name="separator">Not empty.</param>
    /// <param name="place">0-based.</param>
    public (OnnxValue Part, OnnxValue Missing) SplitPart(OnnxValue text, string separator, long place)
    {
        OnnxValue[] split = graph.ApplyForAll(
            "StringSplit", [OnnxType.Text, OnnxType.Int64], [text], new OnnxText("delimiter", separator),
            new OnnxNumber("maxsplit", place + 1));
        var (parts, counts) = (split[0], split[1]);
        // One more column, the text itself, so that there is something to take where no row has that many parts. An empty text
        // has no part in ONNX and one, empty like itself, here.
        var more = graph.Apply(
            "Concat", OnnxType.Text, [parts, graph.Apply("Unsqueeze", OnnxType.Text, [text, graph.Axis(2)])],
            new OnnxNumber("axis", 2));
        var width = graph.Apply("Shape", OnnxType.Int64, [parts], new OnnxNumber("start", 2));
        var taken = graph.Smaller(graph.Constants([place]), width);
        var part = graph.Apply(
            "Squeeze", OnnxType.Text,
            [graph.Apply("Gather", OnnxType.Text, [more, taken], new OnnxNumber("axis", 2)), graph.Axis(2)]);
        return (part, place == 0 ? graph.Constant(false) : graph.Condition("LessOrEqual", counts, graph.Constant(place)));
    }

    /// <summary>
    /// A text in upper or lower case: characters that change alone, by a table, and the runs of others between them.
    /// </summary>
    public OnnxValue ChangeCase(OnnxValue text, CaseTable table)
    {
        var tokens = Tokens(text, "x", $"[{table.Class}]|[^{table.Class}]+");
        var changed = graph.Apply(
            "LabelEncoder", OnnxType.Text, [tokens], new OnnxTexts("keys_strings", table.From),
            new OnnxTexts("values_strings", table.To),
            new OnnxText("default_string", ""));
        return _lists.Concatenation(graph.Where(graph.Condition("Equal", changed, graph.Constant("")), tokens, changed));
    }

    /// <param name="old">Not empty.</param>
    public OnnxValue Replace(OnnxValue text, string old, OnnxValue replacement)
    {
        var parts = Parts(text, old);
        var isFirst = graph.Condition("Equal", _lists.Places(parts.Items), graph.Constant(0L));
        var pieces = graph.Where(isFirst, parts.Items, Concat(replacement, parts.Items));
        return _lists.Concatenation(graph.Where(parts.Present, pieces, graph.Constant("")));
    }

    /// <summary>How often a part stands in a text.</summary>
    /// <param name="part">Not empty.</param>
    public OnnxValue Occurrences(OnnxValue text, string part) =>
        graph.Larger(graph.Constant(0L), graph.Arithmetic("Sub", _lists.Sum(Parts(text, part).Present), graph.Constant(1L)));

    /// <summary>The code points from a place on: of each row its own, both [rows × 1] integers, not negative.</summary>
    public OnnxValue Substring(OnnxValue text, OnnxValue start, OnnxValue count)
    {
        var characters = Tokens(text, "x", Any);
        var place = _lists.Places(characters);
        var isTaken = graph.Condition(
            "And", graph.Condition("LessOrEqual", start, place),
            graph.Condition("Less", place, graph.Arithmetic("Add", start, count)));
        return _lists.Concatenation(graph.Where(isTaken, characters, graph.Constant("")));
    }

    /// <summary>The text with fills before it.</summary>
    /// <param name="width">Integers [rows × 1].</param>
    /// <param name="mostFills">The largest width that occurs.</param>
    public OnnxValue PadLeft(OnnxValue text, OnnxValue width, string fill, int mostFills)
    {
        var fills = graph.Texts(
            [.. Enumerable.Range(0, mostFills + 1).Select(count => string.Concat(Enumerable.Repeat(fill, count)))]);
        var absent = graph.Larger(graph.Constant(0L), graph.Arithmetic("Sub", width, Length(text)));
        var padding = graph.Apply("Gather", OnnxType.Text, [fills, absent], new OnnxNumber("axis", 1));
        return Concat(graph.Apply("Squeeze", OnnxType.Text, [padding, graph.Axis(0)]), text);
    }

    /// <summary>The parts between separators; none of an empty text.</summary>
    /// <param name="separator">Not empty.</param>
    public (OnnxValue Items, OnnxValue Present) Parts(OnnxValue text, string separator)
    {
        OnnxValue[] split = graph.ApplyForAll(
            "StringSplit", [OnnxType.Text, OnnxType.Int64], [text], new OnnxText("delimiter", separator));
        var items = _lists.WithColumn(graph.Apply("Squeeze", OnnxType.Text, [split[0], graph.Axis(1)]));
        return (items, graph.Condition("Less", _lists.Places(items), split[1]));
    }

    /// <summary>
    /// All that match, from left to right; the longest first. Texts [rows × most tokens of a row], empty behind the last.
    /// </summary>
    /// <param name="sample">A text that has a token.</param>
    public OnnxValue Tokens(OnnxValue text, string sample, string pattern)
    {
        var tokens = graph.Apply("Tokenizer", OnnxType.Text, [WithRow(text, sample)], Token(pattern));
        return WithoutRow(graph.Apply("Squeeze", OnnxType.Text, [tokens, graph.Axis(1)]));
    }

    /// <summary>The one match of texts that have one at most; empty where there is none.</summary>
    /// <inheritdoc cref="Tokens"/>
    public OnnxValue Match(OnnxValue text, string sample, string pattern) => OnlyToken(text, sample, Token(pattern));

    /// <summary>What is left of a text without the one match that it has at most.</summary>
    /// <param name="sample">A text of which something is left.</param>
    public OnnxValue WithoutMatch(OnnxValue text, string sample, string pattern) => OnlyToken(text, sample, Separator(pattern));

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

    static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);
}
