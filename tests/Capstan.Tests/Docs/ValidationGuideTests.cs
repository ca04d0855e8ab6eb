using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Capstan.Data;

namespace Capstan.Tests;

/// <summary>docs/guide/validation.md: its schema is read, its table of codes is complete, its C# is the code below.</summary>
public sealed partial class ValidationGuideTests
{
    static readonly string Guide = File.ReadAllText(Path.Combine(Repository.Root(), "docs", "guide", "validation.md")).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    static partial Regex CodeBlocks { get; }

    static string[] Blocks(string language) =>
        [.. CodeBlocks.Matches(Guide).Where(block => block.Groups[1].Value == language).Select(block => block.Groups[2].Value)];

    [Fact]
    public void The_schema_shown_is_valid() => Assert.Equal(5, DataSchema.Parse(Assert.Single(Blocks("json"))).Columns.Count);

    [Fact]
    public void Every_code_is_in_the_table_and_no_other()
    {
        var rows = Guide.Split("| code | when |")[1].Split("\n\n")[0].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var codes = rows.SelectMany(row => row.Split('|')[1].Split('`').Where((_, index) => index % 2 == 1));
        Assert.Equal(Enum.GetValues<AnomalyKind>().Select(Anomaly.CodeOf).Order(StringComparer.Ordinal), codes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_lines_of_csharp_run()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-guide-");
        try
        {
            foreach (var file in new[] { "trips.csv", "later.csv" })
            {
                await new TripSimulator(1, 2000, TripDrift.None).WriteCsvAsync(Path.Combine(folder.FullName, file), null, CancellationToken.None);
            }

            await DescribeAsync(folder.FullName);
            await ValidateAsync(folder.FullName);
            await CompareAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var source = File.ReadAllText(Self()).ReplaceLineEndings("\n").Replace("{folder}/", "").Replace("        ", "");
        Assert.All(Blocks("csharp"), block => Assert.Contains(block.Replace("\"trips.csv\"", "$\"trips.csv\"").Replace("\"later.csv\"", "$\"later.csv\""), source));
    }

    static async Task DescribeAsync(string folder)
    {
        var statistics = await Dataset.Read($"{folder}/trips.csv").DescribeAsync();
        Console.WriteLine(statistics["fare_amount"].Quantiles!.Quantile(0.99));
        Console.WriteLine(statistics["vendor_id"].Values!.Ordered(3)[0].Text);
    }

    static async Task ValidateAsync(string folder)
    {
        var trips = Dataset.Read($"{folder}/trips.csv");
        var schema = DataSchema.Infer(await trips.DescribeAsync(), label: "fare_amount");
        var report = await Dataset.Read($"{folder}/later.csv").ValidateAsync(schema);
        Console.WriteLine(report);
    }

    static async Task CompareAsync(string folder)
    {
        var served = Dataset.Read($"{folder}/later.csv");
        var skew = await served.FeatureSkewAsync(
            Dataset.Read($"{folder}/trips.csv"), new FeatureSkewOptions { Keys = ["pickup_datetime", "pickup_longitude"] });
        Console.WriteLine(skew.Columns.Sum(column => column.Mismatches));
    }

    static string Self([CallerFilePath] string caller = "") => caller;
}
