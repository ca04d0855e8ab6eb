using System.Globalization;
using DuckDB.NET.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// Clicks on advertisements as the public logs of them look, simulated by DuckDB: 13 counts of long tails, 26 texts of 10 to a million
/// different values, and a click whose probability depends on all of them and on two pairs. CAPSTAN_CLICKS_ROWS says how many rows, a
/// million without it; every tenth is to test on.
/// </summary>
static class ClicksData
{
    public const int Numbers = 13;
    public const int Texts = 26;
    public const string Tested = "fold == 0";
    public const string Learned = "fold != 0";

    public static readonly long Rows = long.Parse(
        Environment.GetEnvironmentVariable("CAPSTAN_CLICKS_ROWS") ?? "1000000", CultureInfo.InvariantCulture);

    static string Folder => Environment.GetEnvironmentVariable("CAPSTAN_BENCHMARK_DATA") ?? Path.Combine(Path.GetTempPath(), "capstan-benchmarks");

    /// <summary>The rows as Parquet, written once and kept.</summary>
    public static string Parquet() => Kept($"clicks-{Rows}.parquet", path => Run(
        $"COPY (SELECT *, CAST({Hash("i", 999)} < chance AS BIGINT) AS click FROM ({Drawn()})) TO '{path}' (FORMAT parquet)"));

    /// <summary>The same rows as Vowpal Wabbit reads them, a namespace for each text; logarithms of the counts, as its users write them.</summary>
    public static string VowpalWabbitText(bool tested) => Kept($"clicks-{Rows}-{(tested ? "test" : "train")}.vw", path =>
    {
        var numbers = string.Join(" || ' ' || ", Enumerable.Range(0, Numbers).Select(index => $"'x{index}:' || round(ln(x{index} + 1), 4)"));
        var texts = string.Join(" || ' ' || ", Enumerable.Range(0, Texts).Select(index => $"'|' || chr({97 + index}) || ' ' || t{index}"));
        Run($"SET threads = 1; COPY (SELECT CASE click WHEN 1 THEN '1' ELSE '-1' END || ' |N ' || {numbers} || ' ' || {texts} " +
            $"FROM read_parquet('{Parquet()}') WHERE (fold = 0) = {tested}) TO '{path}' (FORMAT csv, HEADER false, QUOTE '', DELIMITER '\t')");
    });

    /// <summary>Labels (1 or −1) and probabilities of the rows to test on, in their order.</summary>
    public static (float[] Labels, float[] Chances) Truth()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET threads = 1; SELECT click, chance FROM read_parquet('{Parquet()}') WHERE fold = 0";
        using var reader = command.ExecuteReader();
        var (labels, chances) = (new List<float>(), new List<float>());
        while (reader.Read())
        {
            labels.Add(reader.GetInt64(0));
            chances.Add((float)reader.GetDouble(1));
        }

        return ([.. labels], [.. chances]);
    }

    static string Drawn()
    {
        // A tail like that of words: few values are met often, most hardly ever.
        string[] columns =
        [
            .. Enumerable.Range(0, Numbers).Select(index => $"CAST(floor(exp(6 * {Hash("i", index)} * {Hash("i", index + 50)})) AS BIGINT) AS x{index}"),
            .. Enumerable.Range(0, Texts).Select(index =>
                $"CAST(floor(pow({Hash("i", 100 + index)}, 4) * {Math.Pow(10, 1 + index % 6)}) AS BIGINT) AS k{index}"),
        ];
        string[] effects =
        [
            .. Enumerable.Range(0, Numbers).Select(index => $"{(index % 3 - 1) * 0.15} * ln(x{index} + 1)"),
            .. Enumerable.Range(0, Texts).Select(index => $"{0.5 + index % 4 * 0.25} * ({Hash($"k{index}", 300 + index)} - 0.5)"),
            $"1.5 * ({Hash("k0 * 1000003 + k1", 400)} - 0.5)", $"1.5 * ({Hash("k6 * 1000003 + k2", 401)} - 0.5)",
        ];
        var texts = string.Join(", ", Enumerable.Range(0, Texts).Select(index => $"to_hex(hash(k{index} * 100 + {index}) % 4294967296) AS t{index}"));
        var numbers = string.Join(", ", Enumerable.Range(0, Numbers).Select(index => $"x{index}"));
        return string.Create(CultureInfo.InvariantCulture,
            $"SELECT i, i % 10 AS fold, {numbers}, {texts}, 1 / (1 + exp(1.2 - ({string.Join(" + ", effects)}))) AS chance " +
            $"FROM (SELECT i, {string.Join(", ", columns)} FROM range({Rows}) AS rows(i))");
    }

    /// <summary>A number of 0 to 1 that looks random, the same in every run.</summary>
    static string Hash(string value, int salt) => $"(hash(({value}) * 1000 + {salt}) / 18446744073709551616.0)";

    static string Kept(string name, Action<string> write)
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, name);
        if (!File.Exists(path))
        {
            // Aside first: a run that was broken off must not leave half a file to the next.
            write($"{path}.part");
            File.Move($"{path}.part", path);
        }

        return path;
    }

    static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        return connection;
    }

    static void Run(string sql)
    {
        using var connection = Open();
        AnalysisData.Run(connection, sql);
    }
}
