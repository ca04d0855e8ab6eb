using System.Text.RegularExpressions;

namespace Capstan.Architecture.Tests;

/// <summary>What STYLE demands of files and names and a compiler does not check.</summary>
public sealed partial class SourceTests
{
    const int LongestFile = 300;

    static readonly string[] Forbidden = ["Manager", "Helper", "Util", "Utils", "Common", "Misc", "Base", "Impl", "Info"];

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[\w<>\[\],?.]+)\s+(\w+)")]
    static partial Regex Declarations { get; }

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    static partial Regex Namespaces { get; }

    // A word of a name in PascalCase, so that "Information" or "Database" is not found in "Info" or "Base".
    [GeneratedRegex(@"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")]
    static partial Regex Words { get; }

    static string[] ForbiddenIn(string name) => [.. Words.Matches(name).Select(match => match.Value).Intersect(Forbidden)];

    [Theory]
    [InlineData("ModelManager", "Manager")]
    [InlineData("JsonUtils", "Utils")]
    [InlineData("UTF8Info", "Info")]
    [InlineData("InformationDatabase", null)]
    [InlineData("BasementUtility", null)]
    public void A_forbidden_word_is_found_only_as_a_whole_word(string name, string? found) =>
        Assert.Equal(found is null ? [] : [found], ForbiddenIn(name));

    [Fact]
    public void No_file_folder_type_or_namespace_is_named_after_nothing() => Assert.Empty(
        from path in Repository.Sources("src", "apps", "tests", "benchmarks", "samples")
        let text = File.ReadAllText(Path.Combine(Repository.Root, path))
        let names = Declarations.Matches(text).Concat(Namespaces.Matches(text)).Select(match => match.Groups[1].Value).Prepend(path)
        from name in names
        from word in ForbiddenIn(name)
        select $"{path}: '{name}' contains '{word}' (STYLE §2): what is the concept?");

    [Fact]
    public void No_file_is_longer_than_a_concept() => Assert.Empty(
        from path in Repository.Sources("src", "apps")
        let lines = File.ReadLines(Path.Combine(Repository.Root, path)).Count()
        where lines > LongestFile
        select $"{path} has {lines} lines; over {LongestFile}, split it.");

    [Fact]
    public void Every_file_of_a_station_is_in_the_namespace_of_its_assembly() => Assert.Empty(
        from path in Repository.Sources("src")
        let assembly = path.Split('/')[1]
        from match in Namespaces.Matches(File.ReadAllText(Path.Combine(Repository.Root, path)))
        where match.Groups[1].Value != assembly
        select $"{path} is in namespace {match.Groups[1].Value}, expected {assembly}.");

    [Fact]
    public void There_are_sources_to_look_at() => Assert.True(Repository.Sources("src").Count() > 10);
}
