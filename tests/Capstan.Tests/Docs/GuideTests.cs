using System.Text.RegularExpressions;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Tests;

/// <summary>docs/guide/pipelines.md and expressions.md: what they show is read, type-checked and complete.</summary>
public sealed partial class GuideTests
{
    static readonly Schema Trips = new(
    [
        new("fare", DataType.Float64), new("distance", DataType.Float64), new("tip", DataType.Float64), new("pickup", DataType.Timestamp), new("night", DataType.Boolean),
        new("odd column", DataType.Text), new("vendor", DataType.Text),
        new("x", DataType.Float64), new("y", DataType.Float64), new("low", DataType.Float64), new("high", DataType.Float64), new("fallback", DataType.Float64), new("t", DataType.Timestamp),
        new("w", DataType.Text), new("c", DataType.Text), new("condition", DataType.Boolean), new("then", DataType.Float64), new("otherwise", DataType.Float64),
        new("tags", DataType.TextList),
    ]);

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    static partial Regex CodeBlocks { get; }

    static string Guide(string name) => File.ReadAllText(Path.Combine(Repository.Root(), "docs", "guide", name)).ReplaceLineEndings("\n");

    static string[] Blocks(string guide, string language) =>
        [.. CodeBlocks.Matches(Guide(guide)).Where(block => block.Groups[1].Value == language).Select(block => block.Groups[2].Value)];

    [Fact]
    public void Every_pipeline_shown_is_valid()
    {
        Assert.Equal(9, Blocks("pipelines.md", "json").Length);
        Assert.All(Blocks("pipelines.md", "json").Concat(Blocks("trees.md", "json")), json => Pipeline.Parse(json));
    }

    [Fact]
    public void Every_expression_shown_is_well_typed()
    {
        var expressions = Blocks("expressions.md", "expr").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(expressions, text => ExprTyping.KindOf(ExprParser.Parse(text), Trips));
    }

    [Fact]
    public void The_table_of_members_is_that_of_the_record() => Assert.Equal(
        PipelineMembers.Of(typeof(Pipeline)).Select(property => property.Name).Where(name => name != "$schema").Order(StringComparer.Ordinal),
        MembersTable().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_operator_of_the_parser_is_in_the_guide() =>
        Assert.All(["or", "and", "not", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"], symbol => Assert.Contains($"`{symbol}`", Guide("expressions.md"), StringComparison.Ordinal));

    static string[] MembersTable() => [.. Guide("pipelines.md").Split("| member |")[1].Split("\n\n")[0].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1])];
}
