using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Capstan.Data;

namespace Capstan.Tests;

public sealed partial class DataReportTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    sealed record Row(long Id, double? Fare, string? Vendor, bool Late, DateTime At);

    sealed record OtherRow(double? Fare, string? Vendor, string Late, int Extra);

    static Task<TableStatistics> RowsAsync() => Dataset.From(Enumerable.Range(0, 200).Select(index => new Row(
        index, index % 10 == 0 ? null : index / 4.0, index % 3 == 0 ? "CMT" : "VTS & Sons", index % 4 == 0, new DateTime(2024, 1, 1).AddHours(index * 5)))).DescribeAsync(Ct);

    static Task<TableStatistics> OtherRowsAsync() => Dataset.From(Enumerable.Range(0, 100).Select(index => new OtherRow(
        index / 2.0 + 20, index % 5 == 0 ? null : "CMT", "yes", 7))).DescribeAsync(Ct);

    [Fact]
    public async Task A_page_is_as_on_file() =>
        GoldenText.Check("data-report.html", StyleSheet.Replace(DataReport.Html("trips.csv", await RowsAsync()), ""));

    [Fact]
    public async Task A_page_of_two_data_sets_is_as_on_file() => GoldenText.Check(
        "data-report-of-two.html", StyleSheet.Replace(DataReport.Html("trips.csv", await RowsAsync(), "later.csv", await OtherRowsAsync()), ""));

    [Fact]
    public async Task Data_can_do_nothing_on_a_page()
    {
        const string Attack = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>";
        var statistics = new TableStatistics(new Schema([new Field(Attack, DataType.Text), new Field("</style>", DataType.Float64)]));
        var builder = new BatchBuilder(statistics.Schema);
        for (var row = 0; row < 30; row++)
        {
            builder.Columns[0].Append(Attack);
            builder.Columns[1].Append((double)row);
        }

        statistics.Observe(builder.Batch);
        foreach (var page in new[] { DataReport.Html(Attack, statistics), DataReport.Html(Attack, statistics, "</title>", statistics), DataReport.Html("a", await RowsAsync(), Attack, statistics) })
        {
            Assert.Equal(1, Count(page, "<script"));
            Assert.Equal(1, Count(page, "</style>"));
            Assert.Equal(1, Count(page.Split("<body>")[0], "</title>"));
            Assert.Equal(0, Count(page, "<img"));
            Assert.DoesNotContain("onerror='", page);
            AssertWellFormed(page);
        }
    }

    [Fact]
    public async Task A_page_loads_nothing_and_runs_only_the_script_that_its_policy_names()
    {
        var page = DataReport.Html("trips.csv", await RowsAsync());
        Assert.DoesNotContain("http", page.Replace("http-equiv", ""));
        Assert.DoesNotContain("url(", page);
        Assert.DoesNotContain(" src=", page);
        var script = page.Split("<script>")[1].Split("</script>")[0];
        Assert.Contains($"script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'", page);
        Assert.Contains("default-src 'none'", page);
    }

    [Fact]
    public async Task Drawings_have_words_and_links_have_targets()
    {
        var page = DataReport.Html("trips.csv", await RowsAsync(), "later.csv", await OtherRowsAsync());
        AssertWellFormed(page);
        Assert.All(Drawings.Matches(page), drawing => Assert.True(drawing.Value.Contains("aria-hidden=\"true\"") || drawing.Value.Contains("role=\"img\" aria-label=\"")));
        Assert.All(Links.Matches(page), link => Assert.Contains($"id=\"{link.Groups[1].Value}\"", page));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Empty_data_and_one_row_have_a_page(int rows)
    {
        var statistics = new TableStatistics(new Schema(Enum.GetValues<DataType>().Select(type => new Field(type.ToString(), type))));
        var builder = new BatchBuilder(statistics.Schema);
        for (var row = 0; row < rows; row++)
        {
            builder.Columns.AsSpan()[0].Append(1L);
            builder.Columns.AsSpan()[1].Append(0.5);
            builder.Columns.AsSpan()[2].Append(true);
            builder.Columns.AsSpan()[3].Append("");
            builder.Columns.AsSpan()[4].Append(0L);
            builder.Columns.AsSpan()[5].AppendList();
        }

        statistics.Observe(builder.Batch);
        AssertWellFormed(DataReport.Html("small", statistics));
        AssertWellFormed(DataReport.Html("small", statistics, "none", new TableStatistics(statistics.Schema)));
        AssertWellFormed(DataReport.Html("none", new TableStatistics(statistics.Schema), "small", statistics));
    }

    static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>Every element is closed: apart from elements that have no end, the body is XML.</summary>
    static void AssertWellFormed(string page) => XDocument.Parse(page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("<script>", StringComparison.Ordinal)] + "</body>");

    [GeneratedRegex("<style>.*?</style>\n", RegexOptions.Singleline)]
    static partial Regex StyleSheet { get; }

    [GeneratedRegex("<svg[^>]*>")]
    static partial Regex Drawings { get; }

    [GeneratedRegex("href=\"#([^\"]*)\"")]
    static partial Regex Links { get; }
}
