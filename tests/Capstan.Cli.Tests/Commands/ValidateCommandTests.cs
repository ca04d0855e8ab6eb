using System.Text.Json;
using Capstan.Cli.Tests.Frame;
using static Capstan.Cli.Tests.Commands.Workplace;

namespace Capstan.Cli.Tests.Commands;

public sealed class ValidateCommandTests : IDisposable
{
    readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    string Trips(string name, params string[] vendors) => _place.Write(
        name, ["vendor,fare,zip", .. vendors.SelectMany(vendor => Enumerable.Range(1, 20).Select(fare => $"{vendor},{fare}.5,0{fare}0"))]);

    async Task<string> SchemaAsync(string data, params string[] more)
    {
        await DoAsync(["schema", data, "--out", _place.At("schema.json"), .. more]);
        return _place.At("schema.json");
    }

    static async Task<CapturedTerminal> FindAsync(params string[] words)
    {
        var terminal = new CapturedTerminal();
        Assert.Equal(ExitCodes.BadData, await terminal.RunAsync(["validate", .. words]));
        return terminal;
    }

    static async Task<string[]> CodesAsync(params string[] words) =>
        [.. JsonDocument.Parse((await FindAsync([.. words, "--json"])).Output).RootElement.GetProperty("anomalies").EnumerateArray()
            .Select(anomaly => $"{anomaly.GetProperty("severity")} {anomaly.GetProperty("code")} {(anomaly.TryGetProperty("column", out var column) ? column : "")}")];

    [Fact]
    public async Task Data_is_as_the_schema_that_was_inferred_from_it_says()
    {
        var data = Trips("trips.csv", "CMT", "VTS");
        var schema = await SchemaAsync(data);
        Assert.StartsWith("40 rows: as the schema says\n", (await DoAsync("validate", data, "--schema", schema)).Output);
        Assert.Equal(0, (await AskAsync("validate", data, "-s", schema, "--previous", data, "--training", data)).GetProperty("anomalies").GetArrayLength());
    }

    [Fact]
    public async Task Anomalies_are_told_with_their_codes_and_end_with_3()
    {
        var schema = await SchemaAsync(Trips("trips.csv", "CMT", "VTS"));
        var other = Trips("other.csv", "CMT", "XYZ");
        var terminal = await FindAsync(other, "-s", schema);
        Assert.StartsWith(
            "40 rows: 1 error, 0 warnings\nerror    unexpected_values  column 'vendor': 50.0 % of values lie outside the domain, most often 'XYZ' (20 rows)",
            terminal.Output);
        Assert.Equal(["error unexpected_values vendor"], await CodesAsync(other, "-s", schema));
    }

    [Fact]
    public async Task Rows_are_compared_with_those_of_the_same_key()
    {
        var trained = _place.Write("trained.csv", "id,fare,vendor", "1,10,CMT", "2,20,VTS", "3,30,VTS", "5,1,CMT");
        var served = _place.Write("served.csv", "id,fare,vendor", "3,30,VTS", "2,20.5,VTS", "1,10,", "4,1,CMT");
        var terminal = await FindAsync(served, "--against", trained, "--key", "id");
        Assert.StartsWith("3 rows joined by key; 1 keys only here, 1 only there, 0 repeated, 0 rows without key\n", terminal.Output);
        Assert.Matches("fare +2 +(0 +)?1 +0 +0 +2: 20.5 / 20", terminal.Output);
        Assert.Matches("vendor +2 +(0 +)?0 +0 +1 +1: missing / CMT", terminal.Output);
        Assert.Equal(0, (await AskAsync("validate", trained, "--against", trained, "--key", "id")).GetProperty("columns")[0].GetProperty("mismatch").GetInt32());
        Assert.Equal(1, (await AskAsync("validate", served, "--against", trained, "--key", "id", "--where", "vendor == 'VTS'", "--tolerance", "0.1"))
            .GetProperty("columns")[0].GetProperty("near").GetInt32());
        Assert.Contains("--key", await RefuseAsync(ExitCodes.Usage, "validate", served, "--against", trained));
        Assert.Contains("'trip'", await RefuseAsync(ExitCodes.BadData, "validate", served, "--against", trained, "--key", "trip"));
    }

    [Fact]
    public async Task Columns_that_should_be_text_are_read_as_text()
    {
        var schema = await SchemaAsync(Trips("trips.csv", "CMT"));
        var text = (await File.ReadAllTextAsync(schema)).Replace("\"zip\": {\n      \"type\": \"int\"", "\"zip\": {\n      \"type\": \"text\"");
        await File.WriteAllTextAsync(schema, System.Text.RegularExpressions.Regex.Replace(text, "(\"zip\": \\{\\s*\"type\": \"text\"),[^}]*\\}[^}]*\\}", "$1"));
        Assert.Contains("\"type\": \"text\"", (await File.ReadAllTextAsync(schema)).Split("zip")[1]);
        await DoAsync("validate", _place.At("trips.csv"), "-s", schema);
    }

    [Fact]
    public async Task Broken_rows_are_a_finding_and_not_the_end()
    {
        var schema = await SchemaAsync(Trips("trips.csv", "CMT"));
        File.AppendAllText(_place.At("trips.csv"), "CMT\nCMT,oops,10\n");
        File.AppendAllBytes(_place.At("trips.csv"), [.. "CM"u8, 0xAF, .. ",1,2\n"u8]);
        var terminal = await FindAsync(_place.At("trips.csv"), "-s", schema);
        Assert.StartsWith("21 rows; 2 broken rows left out: 4 errors, 0 warnings\nerror    invalid_utf8  data set: 1 row can't be read as UTF-8", terminal.Output);
        Assert.Equal(
            ["error invalid_utf8 ", "error unreadable_rows ", "error unreadable_values fare", "error low_fraction_present fare"],
            await CodesAsync(_place.At("trips.csv"), "-s", schema));
        Assert.Contains("trips.csv, line 22", await RefuseAsync(ExitCodes.BadData, "validate", _place.At("trips.csv"), "-s", schema, "--on-bad-row", "fail"));
    }

    [Fact]
    public async Task Serving_may_lack_the_label_and_no_other_column()
    {
        var schema = await SchemaAsync(Trips("trips.csv", "CMT", "VTS"), "--label", "fare");
        var raw = _place.Write("raw.csv", ["vendor,zip", .. Enumerable.Range(1, 20).Select(index => $"CMT,{index}")]);
        Assert.Equal(["error missing_column fare"], await CodesAsync(raw, "-s", schema));
        await DoAsync("validate", raw, "-s", schema, "--environment", "serving");
        Assert.Contains("'test' was asked for", await RefuseAsync(ExitCodes.Usage, "validate", raw, "-s", schema, "--environment", "test"));
    }

    [Fact]
    public async Task Drift_and_skew_are_measured_against_files_and_models()
    {
        using var trips = await WithTripsAsync();
        await DoAsync("train", "--data", trips.At("trips.csv"), "--label", "fare_amount", "--out", trips.At("model"), "-q");
        await DoAsync("schema", trips.At("trips.csv"), "--out", trips.At("schema.json"));
        await DoAsync("simulate", "trips", "--rows", "2000", "--seed", "2", "--drift", "mean:2", trips.At("later.csv"));
        await DoAsync("validate", trips.At("trips.csv"), "-s", trips.At("schema.json"), "--training", trips.At("model"));
        foreach (var (option, other, member) in new[] { ("--training", "model", "skew"), ("--previous", "trips.csv", "drift") })
        {
            var terminal = await FindAsync(trips.At("later.csv"), "-s", trips.At("schema.json"), option, trips.At(other));
            Assert.Contains("jensen_shannon_high  column 'trip_distance'", terminal.Output);
            Assert.Contains($"raise {member}.jensenShannon.", terminal.Output);
        }
    }

    [Fact]
    public async Task A_schema_is_not_replaced_unasked_and_its_mistakes_are_usage_errors()
    {
        var data = Trips("trips.csv", "CMT");
        var schema = await SchemaAsync(data);
        Assert.Contains("--overwrite", await RefuseAsync(ExitCodes.Usage, "schema", data, "--out", schema));
        await SchemaAsync(data, "--overwrite");
        Assert.Contains("columns.a: found null", await RefuseAsync(ExitCodes.Usage, "validate", data, "-s", _place.Write("bad.json", """{ "columns": { "a": null } }""")));
        Assert.Contains("There is no schema", await RefuseAsync(ExitCodes.Usage, "validate", data, "-s", _place.At("none.json")));
        Assert.Contains("'none'", await RefuseAsync(ExitCodes.BadData, "schema", data, "--out", _place.At("other.json"), "--label", "none"));
        Assert.Equal(3, (await AskAsync("schema", data, "--out", schema, "--overwrite")).GetProperty("columns").GetInt64());
    }
}
