using Capstan.Data;
using Capstan.Features;
using DuckDB.NET.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// DuckDB's side: the analysis as SQL (means and deviations, approximate quantiles, counts of texts), then the sums of the features
/// that our own compiler writes as SQL. A CSV file is loaded into a table first, since every query would parse it again.
/// </summary>
sealed class DuckDbPeer : IDisposable
{
    readonly DuckDBConnection _connection = new("DataSource=:memory:");
    readonly string _path;

    public DuckDbPeer(string path, int threads)
    {
        _path = path;
        _connection.Open();
        AnalysisData.Run(_connection, $"SET threads={threads}");
    }

    public string Version() => (string)Row("SELECT version()")[0];

    /// <summary>Makes the rows a table or view called rows.</summary>
    public void Open() => AnalysisData.Run(_connection, _path.EndsWith(".csv", StringComparison.Ordinal)
        ? $"CREATE OR REPLACE TEMP TABLE rows AS SELECT * FROM read_csv('{_path}')"
        : $"CREATE OR REPLACE TEMP VIEW rows AS SELECT * FROM read_parquet('{_path}')");

    /// <summary>The means of the numbers, after everything else that our pass finds out was asked as well.</summary>
    public double[] Analyse()
    {
        var shares = string.Join(", ", Enumerable.Range(1, 31).Select(index => FormattableString.Invariant($"{index / 32.0}")));
        string[] columns =
        [
            .. AnalysisData.Numbers.Select(name => $"avg({name})"),
            .. AnalysisData.Numbers.Select(name => $"stddev_pop({name})"),
            .. AnalysisData.Integers.Select(name => $"approx_quantile({name}, [{shares}])"),
        ];
        var row = Row($"SELECT {string.Join(", ", columns)} FROM rows");
        foreach (var name in AnalysisData.Texts)
        {
            Row($"SELECT {name}, count(*) FROM rows WHERE {name} IS NOT NULL GROUP BY {name} ORDER BY 2 DESC, 1 DESC LIMIT 1000");
        }

        return [.. row.Take(AnalysisData.Numbers.Length).Select(Convert.ToDouble)];
    }

    /// <summary>The sums of the features, in the order of the layout.</summary>
    public double[] Sums(FrozenTransform transform)
    {
        var names = transform.Output.Numerics.Concat(transform.Output.Categories).Select(feature => $"CAST(sum(\"{feature.Name}\") AS DOUBLE)");
        var sql = SqlCompiler.Compile(transform, SqlDialect.DuckDb, "rows");
        return [.. Row($"SELECT {string.Join(", ", names)} FROM ({sql}) AS features").Select(Convert.ToDouble)];
    }

    public void Dispose() => _connection.Dispose();

    object[] Row(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var first = Array.Empty<object>();
        while (reader.Read())
        {
            if (first.Length == 0)
            {
                first = new object[reader.FieldCount];
                reader.GetValues(first);
            }
        }

        return first;
    }
}
