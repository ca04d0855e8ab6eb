using Capstan.Cli.Tests.Frame;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class DescribeCommandTests : IDisposable
{
    readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    string Mixed() => _place.Write(
        "mixed.csv", "n,x,city,late,at", "1,0.5,Rome,true,2024-01-01T00:00:00", "3,,Oslo,false,2024-06-01T12:00:00", "8,2.5,Rome,true,");

    [Fact]
    public async Task Programs_get_the_statistics_of_every_column_by_its_type()
    {
        var found = await AskAsync("describe", Mixed());
        Assert.Equal(3, found.GetProperty("rows").GetInt64());
        var columns = found.GetProperty("columns").EnumerateArray().ToDictionary(column => column.GetProperty("name").GetString()!);
        Assert.Equal(["n", "x", "city", "late", "at"], columns.Keys);
        Assert.Equal(["int", "number", "text", "boolean", "timestamp"], columns.Values.Select(column => column.GetProperty("type").GetString()));
        Assert.Equal([0, 1, 0, 0, 1], columns.Values.Select(column => column.GetProperty("missing").GetInt64()));
        Assert.Equal((1.0, 4.0, 8.0), (columns["n"].GetProperty("min").GetDouble(), columns["n"].GetProperty("mean").GetDouble(), columns["n"].GetProperty("max").GetDouble()));
        Assert.Equal(3, columns["n"].GetProperty("quantiles").GetProperty("0.5").GetDouble());
        Assert.Equal((3, 2), (columns["n"].GetProperty("distinct").GetInt64(), columns["city"].GetProperty("distinct").GetInt64()));
        Assert.Equal(3, columns["n"].GetProperty("histogram").EnumerateArray().Sum(bin => bin.GetProperty("count").GetInt64()));
        Assert.Equal("week", columns["at"].GetProperty("histogramStep").GetString());
        Assert.Equal((22, 1), (columns["at"].GetProperty("histogram").GetArrayLength(), columns["at"].GetProperty("histogram")[21].GetProperty("count").GetInt64()));
        Assert.Equal("Rome", columns["city"].GetProperty("mostFrequent")[0].GetProperty("value").GetString());
        Assert.Equal(2, columns["late"].GetProperty("true").GetInt64());
        Assert.Equal("2024-06-01T12:00:00", columns["at"].GetProperty("latest").GetString());
    }

    [Fact]
    public async Task People_get_a_line_for_each_column()
    {
        var lines = (await DoAsync("describe", Mixed())).Output.TrimEnd().Split('\n');
        Assert.Equal("3 rows, 5 columns", lines[0]);
        Assert.Equal(["column", "n", "x", "city", "late", "at"], lines[1..].Where(line => !line.Contains('─')).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
        Assert.Contains("Rome (66.7 %), Oslo (33.3 %)", lines.Single(line => line.Contains(" city ")));
    }

    string Fares() => _place.Write(
        "fares.csv",
        ["km,fare,city,late", .. Enumerable.Range(0, 80).Select(row => $"{row},{3 + 2 * row},{(row < 40 ? "Rome" : "Oslo")},{(row is >= 30 and < 70 ? "true" : "false")}")]);

    [Fact]
    public async Task Associations_and_lifts_are_told_when_asked_for()
    {
        var output = (await DoAsync("describe", Fares(), "--label", "late")).Output;
        Assert.Contains("the strongest of 6 pairs of columns", output);
        Assert.Matches("fare +km +1.000 +correlation +80|km +fare +1.000 +correlation +80", output);
        Assert.Matches("city +Oslo +40 +true +75.0 % +50.0 % +1.50 ×", output);
        Assert.DoesNotContain("Associations", (await DoAsync("describe", Fares())).Output);
        var found = await AskAsync("describe", Fares(), "--label", "fare");
        Assert.Equal(6, found.GetProperty("associations").GetArrayLength());
        var lift = found.GetProperty("lifts").EnumerateArray().First(each => each.GetProperty("value").GetString() == "Rome");
        Assert.Equal((40, 42.0, 82.0), (lift.GetProperty("rows").GetInt32(), lift.GetProperty("found").GetDouble(), lift.GetProperty("expected").GetDouble()));
        Assert.False((await AskAsync("describe", Fares(), "--associations")).TryGetProperty("lifts", out _));
    }

    [Fact]
    public async Task Associations_stand_on_the_page()
    {
        await DoAsync("describe", Fares(), "--label", "late", "--html", _place.At("page.html"));
        var page = await File.ReadAllTextAsync(_place.At("page.html"));
        Assert.Contains("<h2 id=\"associations\">Associations</h2>", page);
        Assert.Contains("<h2 id=\"lifts\">What values say of late</h2>", page);
        System.Xml.Linq.XDocument.Parse(page[page.IndexOf("<main>", StringComparison.Ordinal)..(page.IndexOf("</main>", StringComparison.Ordinal) + 7)].Replace("&nbsp;", " "));
    }

    [Fact]
    public async Task Associations_are_of_one_data_set_and_of_a_label_that_is_there()
    {
        Assert.Contains("--compare", await RefuseAsync(ExitCodes.Usage, "describe", Fares(), "--compare", Fares(), "--associations"));
        Assert.Contains("'tip'", await RefuseAsync(ExitCodes.BadData, "describe", Fares(), "--label", "tip"));
    }

    [Fact]
    public async Task A_condition_chooses_rows() =>
        Assert.Equal(2, (await AskAsync("describe", Mixed(), "--where", "city == 'Rome'")).GetProperty("rows").GetInt64());

    [Fact]
    public async Task A_condition_that_is_none_is_a_usage_error() =>
        Assert.Contains("city =", await RefuseAsync(ExitCodes.Usage, "describe", Mixed(), "--where", "city = "));

    [Fact]
    public async Task The_number_of_threads_changes_nothing_and_must_be_one_or_more()
    {
        var one = await AskAsync("describe", Mixed(), "--threads", "1");
        Assert.Equal(one.GetRawText(), (await AskAsync("describe", Mixed(), "--threads", "5")).GetRawText());
        Assert.Contains("--threads is 0; it must be 1 or more", await RefuseAsync(ExitCodes.Usage, "describe", Mixed(), "--threads", "0"));
    }

    [Fact]
    public async Task Broken_rows_end_the_command_and_say_what_can_be_done()
    {
        var message = await RefuseAsync(ExitCodes.BadData, "describe", _place.Write("bad.csv", "a,b", "1,2", "3"));
        Assert.Contains("bad.csv, line 3: found '3', expected 2 fields", message);
        Assert.Contains("--on-bad-row skip", message);
        Assert.Contains("--on-bad-row skip, null or quarantine:FILE", message);
    }

    [Fact]
    public async Task Skipped_rows_are_counted_and_told()
    {
        var path = _place.Write("bad.csv", "a,b", "1,2", "3", "4,5");
        var terminal = await DoAsync("describe", path, "--on-bad-row", "skip", "--quiet");
        Assert.StartsWith("2 rows, 2 columns; 1 broken row left out\n", terminal.Output);
        Assert.Contains("bad.csv: 1 row left out", terminal.Error);
        Assert.Equal(1, (await AskAsync("describe", path, "--on-bad-row", "skip")).GetProperty("rowsLeftOut").GetInt64());
    }

    [Theory]
    [InlineData("ignore")]
    [InlineData("quarantine")]
    [InlineData("quarantine:")]
    public async Task A_policy_that_is_none_is_a_usage_error(string policy) =>
        Assert.Contains($"'{policy}', expected fail, skip, null or quarantine:FILE", await RefuseAsync(ExitCodes.Usage, "describe", Mixed(), "--on-bad-row", policy));

    [Fact]
    public async Task A_page_is_written_once_and_replaced_only_when_asked()
    {
        var page = _place.At("mixed.html");
        Assert.Contains("mixed.html shows it", (await DoAsync("describe", Mixed(), "--html", page)).Error);
        var html = await File.ReadAllTextAsync(page);
        Assert.StartsWith("<!doctype html>", html);
        Assert.Contains("<h1>mixed.csv</h1>", html);
        Assert.Contains("--overwrite", await RefuseAsync(ExitCodes.Usage, "describe", Mixed(), "--html", page));
        await DoAsync("describe", Mixed(), "--html", page, "--overwrite", "--quiet");
        Assert.Equal(html, await File.ReadAllTextAsync(page));
    }

    [Fact]
    public async Task Two_data_sets_stand_side_by_side()
    {
        var other = _place.Write("other.csv", ["n,x,town,late", .. Enumerable.Range(0, 60).Select(index => $"{index},,Rome,true")]);
        var page = _place.At("both.html");
        var lines = (await DoAsync("describe", Mixed(), "--compare", other, "--html", page)).Output.TrimEnd().Split('\n');
        Assert.Equal(["mixed.csv: 3 rows, 5 columns", "other.csv: 60 rows, 4 columns"], lines[..2]);
        Assert.EndsWith("added", lines.Single(line => line.Contains(" town ")));
        Assert.EndsWith("removed", lines.Single(line => line.Contains(" city ")));
        Assert.Contains("33.3 % → 100.0 %", lines.Single(line => line.Contains(" x ")));
        Assert.Contains("other.csv", await File.ReadAllTextAsync(page));
        var columns = (await AskAsync("describe", Mixed(), "--compare", other)).GetProperty("columns").EnumerateArray().ToArray();
        Assert.Equal(["n", "x", "city", "late", "at", "town"], columns.Select(column => column.GetProperty("name").GetString()));
        Assert.Equal("moved_far", columns[1].GetProperty("change").GetString());
        Assert.Equal(2 / 3.0, columns[1].GetProperty("missing").GetProperty("value").GetDouble(), 12);
        Assert.Equal(60, columns[0].GetProperty("second").GetProperty("distinct").GetInt64());
    }

    [Theory]
    [InlineData(200, true, true)]
    [InlineData(90, false, true)]
    [InlineData(40, false, false)]
    public async Task On_a_narrow_screen_columns_are_left_out_and_lines_stay_lines(int width, bool hasMean, bool hasMax)
    {
        var table = new ResultTable("column", "#mean", "#max", "notes");
        table.Add("fare_amount", new string('1', 30), new string('2', 20), new string('n', 30));
        var screen = new CapturedTerminal();
        var session = new CommandSession(screen.Terminal with { OutputIsScreen = true }, json: false, quiet: false);
        session.Output.Profile.Width = width;
        table.Write(session, dropFirst: ["mean", "max"]);
        var lines = screen.Output.Split('\n').Where(line => line.Trim().Length > 0).ToArray();
        Assert.Equal((hasMean, hasMax), (lines[0].Contains("mean"), lines[0].Contains("max")));
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, width));
        Assert.Single(lines, line => line.Contains("fare_amount"));
    }

    [Fact]
    public async Task Files_that_are_not_there_or_have_no_rows_are_bad_data()
    {
        Assert.Contains("none.csv", await RefuseAsync(ExitCodes.BadData, "describe", _place.At("none.csv")));
        Assert.Contains("no rows", await RefuseAsync(ExitCodes.BadData, "describe", _place.Write("empty.csv", "a,b")));
    }
}
