using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Capstan.Gateway.Tests;

public sealed partial class GuideTests
{
    [GeneratedRegex(@"new\(\s*\d+, ""(\w+)""")]
    static partial Regex Codes { get; }

    static string Root([CallerFilePath] string caller = "") => Path.Combine(Path.GetDirectoryName(caller)!, "..", "..");

    [Fact]
    public void The_guide_lists_the_codes_of_the_sources_and_no_other()
    {
        var inSources = Directory.EnumerateFiles(Path.Combine(Root(), "src", "Capstan.Gateway"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => Codes.Matches(File.ReadAllText(path))).Select(match => match.Groups[1].Value).Distinct().Order();
        var inGuide = File.ReadLines(Path.Combine(Root(), "docs", "guide", "deploying.md"))
            .SkipWhile(line => !line.StartsWith("| code |", StringComparison.Ordinal)).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('`')[1]).Order();
        Assert.Equal(inSources, inGuide);
    }
}
