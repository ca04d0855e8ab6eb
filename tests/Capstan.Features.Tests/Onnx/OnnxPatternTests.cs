using System.Text;
using Capstan.Data;

namespace Capstan.Features.Tests.Onnx;

/// <summary>Patterns as RE2's, in ONNX Runtime against .NET's.</summary>
public sealed class OnnxPatternTests(ITestOutputHelper output)
{
    static readonly string[] Texts =
    [
        "", "a", "b", "\n", "a\n", "a\n\n", "ab", "aB", "S", "ſ", "K", "\u212a", "Straße", "1", "१", "12.5", "-7", "_", "x_1", "é", "e\u0301", " ", "\u00a0", "\u3000", "\u0085", "\u2028",
        "𝄞", "a𝄞b", "𝄞𝄞", "𐐀", "日本語", "a,b,,c", "[x]", "{", "a{2}", "a b", "\t", "\0", "\u200d", "AB-1234", "ab-1234\n", "foo@example.org", "2024-02-29", "\ufffd", "\uffff",
    ];

    public static TheoryData<string> Taken =>
    [
        "a", "", "^", "$", "^$", "^a$", "a|b", "^a|b$", "(a|b)+c?", "(?:ab)*", "(?<name>a)b", @"\d", @"^\d+$", @"\w+", @"^\w{2,3}$", @"\s", @"^\s*$", @"\.", @"^[a-z]+$", "(?i)s", "(?i)k",
        "(?i)[a-z]", "(?i)STRASSE|straße", "[^a]*", "^[^,]+$", "^.*$", "^.+$", "(?s)^.+$", "a.*b", "a.+?b", @"^[A-Z]{2}-\d{4}$", @"^\d{4}-\d{2}-\d{2}\z", @"\Aa\z", "𝄞", "a𝄞b", "[日本]", @"\p{L}", @"\p{Lu}\d?",
        @"^\D*$", @"\u0041|\x42", @"\[x\]", "{", "a{", @"a\{2\}", "[]a]", "[^]a]*", @"[\]\w-]", "x*?y??", "()", "(|a)b", @"^[\w.]+@[\w.]+$",
    ];

    public static TheoryData<string> Refused => [".", @"\S", "^.$", "..", "a.b", @"\S\S", "[^a]", ".*.*", "(.*)+", @"\bword\b", "(?m)^a", "a$|b$c", "(a$)", "𝄞+", "(?x)a b", "(?i:a)", @"\p{Cs}", "[a-z-[b]]", "^*"];

    [Theory]
    [MemberData(nameof(Taken))]
    public void Patterns_match_the_same_texts(string pattern) => AssertSame(pattern, Texts);

    [Theory]
    [MemberData(nameof(Refused))]
    public void Patterns_that_may_differ_are_refused(string pattern)
    {
        var rows = Rows.Of(Rows.Texts("w"));
        var matches = Expressions.RegexMatches(new ColumnExpr("w"), pattern);
        var refusal = Assert.Throws<OnnxNotSupportedException>(() => OnnxTransform.Export(new FrozenTransform(rows.Schema, [("f", matches)])));
        Assert.Contains("character", refusal.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_patterns_match_the_same_texts_or_are_refused()
    {
        var (random, taken) = (new Random(3), new List<Expr>());
        string[] parts = ["a", "b", "[ab]", @"\d", ".*", "[^a]+", @"\s", "(?:", ")", "|", "*", "+?", "{2}", "^", "$", "é", "𝄞", @"\w", ".", "?"];
        for (var attempt = 0; attempt < 3000; attempt++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)]));
            var call = Expressions.RegexMatches(new ColumnExpr("w"), random.Next(4) == 0 ? "(?i)" + pattern : pattern);
            try
            {
                ExprTyping.KindOf(call, Rows.Of(Rows.Texts("w")).Schema);
                _ = OnnxPattern.Of((CallExpr)call);
                taken.Add(call);
            }
            catch (Exception refused) when (refused is OnnxNotSupportedException or ArgumentException)
            {
            }
        }

        string[] alphabet = ["a", "b", "A", "1", " ", "\n", "é", "𝄞", "𐐀", "日"];
        var texts = Enumerable.Range(0, 300).Select(_ => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => alphabet[random.Next(alphabet.Length)])));
        string[] all = [.. texts.Concat(Texts).Distinct()];
        foreach (var chunk in taken.Distinct().Chunk(50))
        {
            AssertSame(chunk, all);
        }

        output.WriteLine($"ONNX: {taken.Distinct().Count():N0} generated patterns of 3,000 taken, on {all.Length:N0} texts each.");
        Assert.True(taken.Count > 500, $"{taken.Count} patterns are too few.");
    }

    static void AssertSame(string pattern, string[] texts) => AssertSame([Expressions.RegexMatches(new ColumnExpr("w"), pattern)], texts);

    static void AssertSame(Expr[] matches, string[] texts)
    {
        var rows = Rows.Of(Rows.Texts("w", [.. texts, null]));
        using var model = OnnxValues.Of(rows.Schema, matches);
        var found = model.Run(rows);
        for (var index = 0; index < matches.Length; index++)
        {
            for (var row = 0; row < rows.RowCount; row++)
            {
                var expected = RowReference.Number(RowReference.Evaluate(matches[index], rows, row));
                var value = ((double[])found[$"value.{index}"])[row];
                Assert.True((expected ?? double.NaN).Equals(value), $"{matches[index]} on '{rows["w"].ValueAt(row)}': reference {expected}, ONNX {value}");
            }
        }
    }
}
