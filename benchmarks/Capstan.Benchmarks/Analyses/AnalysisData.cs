using System.Globalization;
using DuckDB.NET.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// Forty mixed columns as Parquet and as CSV, written by DuckDB: 22 numbers and 8 integers, every tenth missing in some, and 10
/// texts of 10 to 100,000 different values. CAPSTAN_ANALYSIS_ROWS says how many rows, 10 million without it.
/// </summary>
static class AnalysisData
{
    public static readonly string[] Numbers = [.. Enumerable.Range(0, 22).Select(index => $"x{index}")];
    public static readonly string[] Integers = [.. Enumerable.Range(0, 8).Select(index => $"n{index}")];
    public static readonly string[] Texts = [.. Enumerable.Range(0, 10).Select(index => $"t{index}")];

    public static readonly long Rows = long.Parse(
        Environment.GetEnvironmentVariable("CAPSTAN_ANALYSIS_ROWS") ?? "10000000", CultureInfo.InvariantCulture);

    /// <summary>
    /// The rows as Parquet and as CSV: written once and kept in the folder <c>CAPSTAN_BENCHMARK_DATA</c>, or in one for temporary files.
    /// </summary>
    public static (string Parquet, string Csv) Files()
    {
        var folder = Environment.GetEnvironmentVariable("CAPSTAN_BENCHMARK_DATA") ?? Path.Combine(Path.GetTempPath(), "capstan-benchmarks");
        Directory.CreateDirectory(folder);
        var (parquet, csv) = (Path.Combine(folder, $"analysis-{Rows}.parquet"), Path.Combine(folder, $"analysis-{Rows}.csv"));
        if (!File.Exists(csv))
        {
            // Aside first: a run that was broken off must not leave half a file to the next.
            Write(parquet, $"{csv}.part");
            File.Move($"{csv}.part", csv);
        }

        return (parquet, csv);
    }

    /// <summary>A file beside with the header and the first rows, none of which has a line break within.</summary>
    public static string FirstRows(string csv, long count)
    {
        var path = Path.ChangeExtension(csv, $"first-{count}.csv");
        if (!File.Exists(path))
        {
            File.WriteAllLines($"{path}.part", File.ReadLines(csv).Take((int)count + 1));
            File.Move($"{path}.part", path);
        }

        return path;
    }

    static void Write(string parquet, string csv)
    {
        string[] columns =
        [
            .. Numbers.Select((name, index) =>
                $"{Missing(index, $"round({Hash(index)} * {index + 1} + 10 * {Hash(index + 50)}, {2 + index % 4})")} AS {name}"),
            .. Integers.Select((name, index) => $"{Missing(index, $"CAST({Hash(index + 100)} * {Math.Pow(10, 2 + index % 6)} AS BIGINT)")} AS {name}"),
            .. Texts.Select((name, index) =>
                $"{Missing(index, $"'value-' || CAST(floor(pow({Hash(index + 200)}, 3) * {Math.Pow(10, 1 + index % 5)}) AS BIGINT)")} AS {name}"),
        ];
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Run(connection, string.Create(CultureInfo.InvariantCulture,
            $"COPY (SELECT {string.Join(", ", columns)} FROM range({Rows}) AS rows(i)) TO '{parquet}' (FORMAT parquet)"));
        Run(connection, $"COPY (SELECT * FROM read_parquet('{parquet}')) TO '{csv}' (FORMAT csv, HEADER)");
    }

    public static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A number of 0 to 1 that looks random, the same in every run.</summary>
    static string Hash(int salt) => $"(hash(i * 1000 + {salt}) / 18446744073709551616.0)";

    static string Missing(int index, string value) => index % 3 == 2 ? $"CASE WHEN hash(i * 1000 + {index + 700}) % 10 = 0 THEN NULL ELSE {value} END" : value;
}
