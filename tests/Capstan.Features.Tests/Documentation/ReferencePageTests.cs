using System.Text;

namespace Capstan.Features.Tests;

/// <summary>docs/guide/reference/expressions.md is what the code says; UPDATE_GOLDEN=1 writes it again.</summary>
public sealed class ReferencePageTests
{
    static string Path => System.IO.Path.GetFullPath(System.IO.Path.Combine(TestFolder.Root(), "docs", "guide", "reference", "expressions.md"));

    [Fact]
    public async Task The_page_is_what_the_code_says()
    {
        var page = await PageAsync();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(Path, page, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken), page);
    }

    [Fact]
    public void Every_function_and_operator_is_described() => Assert.Equal(
        FunctionNames.All.Concat(FunctionNames.Infix.Select(infix => infix.Symbol)).Append("not").Distinct().Order(StringComparer.Ordinal),
        FunctionEntries.All.Select(entry => entry.Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task What_is_said_to_be_missing_where_an_operand_is_is_so()
    {
        foreach (var entry in FunctionEntries.All.Where(entry => entry.Missing == FunctionEntry.Spreads))
        {
            var example = await FunctionExample.OfAsync(entry, TestContext.Current.CancellationToken);
            var lacking = example.Rows.Where(row => row.Inputs.Contains("missing")).ToArray();
            Assert.True(lacking.Length > 0, $"{entry.Usage} has no example of a missing operand.");
            Assert.All(lacking, row => Assert.Equal("missing", row.Value));
            Assert.Contains(example.Rows, row => row.Value != "missing");
        }
    }

    static async Task<string> PageAsync()
    {
        var page = new StringBuilder("""
            # Every expression

            Made from the code: the examples were executed, and where an expression runs is what its compilers answered. How to write expressions tells
            [the guide](../expressions.md); `capstan features functions NAME` shows an entry in the terminal.

            In the usages x, y, low, high, fallback, then and otherwise are numbers (a truth counts 1 or 0), t is a time, w and c are texts, condition and night
            are truths, tags is a list of texts. Statistics and learned categories in the examples are found over the four rows shown. Where an expression runs is said of it as it
            is after training, with its constants; what a database can find itself tells [the guide](../expressions.md#in-a-database).

            | subject | |
            |---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var group in FunctionEntries.Groups)
        {
            var names = group.Entries.Select(entry => entry.Name).Distinct();
            page.Append($"| [{group.Title}](#{Anchor(group.Title)}) | {string.Join(' ', names.Select(Cell))} |\n");
        }

        foreach (var group in FunctionEntries.Groups)
        {
            page.Append($"\n## {group.Title}\n");
            foreach (var entry in group.Entries)
            {
                await WriteAsync(entry, page);
            }
        }

        return page.ToString();
    }

    static async Task WriteAsync(FunctionEntry entry, StringBuilder page)
    {
        var example = await FunctionExample.OfAsync(entry, TestContext.Current.CancellationToken);
        var targets = FunctionTargets.Of(example);
        page.Append($"\n### `{entry.Usage}`\n\n");
        page.Append($"A {example.Kind.ToString().ToLowerInvariant()}: {entry.Meaning}. Missing values: {entry.Missing}.\n");
        page.Append($"Runs in the engine{string.Concat(targets.Where(target => target.Refusal is null).Select(target => $", {target.Target}"))}");
        page.Append(targets.Any(target => target.Refusal is not null)
            ? $"; not in {string.Join(", ", targets.Where(target => target.Refusal is not null).Select(target => target.Target))}.\n\n"
            : ".\n\n");
        page.Append($"| {string.Join(" | ", example.Columns.Append(Cell(entry.Usage)))} |\n");
        page.Append($"|{string.Concat(Enumerable.Repeat("---|", example.Columns.Count + 1))}\n");
        foreach (var (inputs, value) in example.Rows)
        {
            page.Append($"| {string.Join(" | ", inputs.Append(value).Select(Cell))} |\n");
        }
    }

    /// <summary>Where GitHub and others put a heading.</summary>
    static string Anchor(string title) => title.ToLowerInvariant().Replace(' ', '-');

    static string Cell(string text) => text is "missing" ? text : $"`{text.Replace("|", "\\|")}`";
}
