using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Capstan.Cli.Tests;

/// <summary>docs/guide/features.md: its pipeline and its lines, in order; its C# is that of the sample.</summary>
public sealed partial class GuideTests
{
    [Fact]
    public async Task The_way_from_columns_to_features_can_be_gone_as_it_stands()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-features-");
        try
        {
            foreach (Match block in FencedBlock().Matches(Guide("features.md")))
            {
                switch (block.Groups[1].Value)
                {
                    case "json":
                        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "pipeline.json"), block.Groups[2].Value);
                        break;
                    case "sh":
                        await RunAsync($"set -e; {block.Groups[2].Value}", folder.FullName);
                        break;
                    default:
                        Assert.Contains(block.Groups[2].Value, await File.ReadAllTextAsync(FeaturesSample()));
                        break;
                }
            }

            Assert.Contains("bucketize(trip_distance, 50)", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "pipeline.json")));
            Assert.True(File.Exists(Path.Combine(folder.FullName, "features.parquet")));
        }
        finally
        {
            folder.Remove();
        }
    }

    static string FeaturesSample([CallerFilePath] string caller = "") =>
        Path.Combine(Path.GetDirectoryName(caller)!, "..", "..", "samples", "trips", "features.cs"); // a file stands in a folder

    [GeneratedRegex("^```(\\w+)\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedBlock();
}
