using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Capstan.Data;

namespace Capstan.Tests;

/// <summary>docs/guide/explanations.md: its C# is the code below.</summary>
public sealed partial class ExplanationsGuideTests
{
    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    static partial Regex CodeBlocks { get; }

    [Fact]
    public async Task The_lines_of_csharp_run()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-guide-");
        try
        {
            foreach (var file in new[] { "trips.csv", "later.csv" })
            {
                await new TripSimulator(1, 1000, TripDrift.None).WriteCsvAsync(Path.Combine(folder.FullName, file), null, CancellationToken.None);
            }

            await ExplainAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var guide = File.ReadAllText(Path.Combine(Repository.Root(), "docs", "guide", "explanations.md")).ReplaceLineEndings("\n");
        var source = File.ReadAllText(Self()).ReplaceLineEndings("\n").Replace("{folder}/", "").Replace("$\"trips", "\"trips")
            .Replace("$\"later", "\"later").Replace("\n        ", "\n");
        Assert.Contains(Assert.Single(CodeBlocks.Matches(guide)).Groups[1].Value, source);
    }

    static async Task ExplainAsync(string folder)
    {
        var model = await new LinearRegressor("fare_amount").FitAsync(Dataset.Read($"{folder}/trips.csv"));
        await foreach (var batch in model.ExplainAsync(Dataset.Read($"{folder}/later.csv"), alsoRead: ["vendor_id"]))
        {
            var first = batch.Of(row: 0);
            Console.WriteLine($"{first.Prediction} = {first.BaseScore} and {first.Attributions[0].Value} by {first.Attributions[0].Column}, …");
        }
    }

    static string Self([CallerFilePath] string caller = "") => caller;
}
