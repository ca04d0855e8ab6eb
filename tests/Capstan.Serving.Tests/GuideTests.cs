using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Data;

namespace Capstan.Serving.Tests;

public sealed partial class GuideTests
{
    [GeneratedRegex(@"new(?: Problem)?\(\s*\w+[.\w]*, ""(\w+)""")]
    static partial Regex Codes { get; }

    static string Root([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "..", "..");

    [Fact]
    public void The_guide_lists_the_codes_of_the_sources_and_no_other()
    {
        var inSources = Directory.EnumerateFiles(Path.Combine(Root(), "src", "Capstan.Serving"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => Codes.Matches(File.ReadAllText(path))).Select(match => match.Groups[1].Value).Distinct().Order();
        var inGuide = File.ReadLines(Path.Combine(Root(), "docs", "guide", "serving.md"))
            .SkipWhile(line => line != "## Refusals").Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]).Order();
        Assert.Equal(inSources, inGuide);
    }

    /// <summary>Each example in the table of types is read as what its row says.</summary>
    [Fact]
    public void The_guide_has_examples_of_every_type_that_are_read()
    {
        var rows = File.ReadLines(Path.Combine(Root(), "docs", "guide", "serving.md"))
            .SkipWhile(line => line != "| type | JSON |").Skip(2).TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|')).ToArray();
        Assert.Equal(Enum.GetValues<DataType>().Order(), rows.Select(row => Schema.TypeNamed(row[1].Trim())!.Value).Order());
        foreach (var row in rows)
        {
            var reader = new InstanceReader(new Schema([new("x", Schema.TypeNamed(row[1].Trim())!.Value)]), new FieldPaths(["x"]));
            // What stands between backticks; some of it is the end of a timestamp, and no JSON.
            foreach (var example in row[2].Split('`').Where((_, index) => index % 2 == 1).Where(text => text[0] is not ('Z' or '+')))
            {
                reader.Read(Encoding.UTF8.GetBytes($"{{\"instances\":[{{\"x\":{example}}}]}}"));
                Assert.True(reader.Batch.Columns[0].IsPresent(0) == (example != "null"), example);
            }
        }
    }
}
