using System.IO.Compression;
using System.Text;

namespace Capstan.Data.DuckDb.Tests;

/// <summary>A temporary folder for a test's files, and short ways of reading them.</summary>
public sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("capstan-readers-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string WriteGzip(string name, string text)
    {
        using var stream = new GZipStream(File.Create(this[name]), CompressionLevel.Fastest);
        stream.Write(Encoding.UTF8.GetBytes(text));
        return this[name];
    }

    public string WriteZstd(string name, string text)
    {
        using var compressor = new ZstdSharp.Compressor();
        return Write(name, compressor.Wrap(Encoding.UTF8.GetBytes(text)).ToArray());
    }

    /// <summary>Writes a query's result as Parquet, through DuckDB's ADO.NET provider (not through our session).</summary>
    public string WriteParquet(string name, string query, int rowGroupRows = 122_880)
    {
        Sql($"COPY ({query}) TO '{this[name]}' (FORMAT parquet, ROW_GROUP_SIZE {rowGroupRows})");
        return this[name];
    }

    public static void Sql(string sql)
    {
        using var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET threads=1; {sql}";
        command.ExecuteNonQuery();
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

static class Reading
{
    public static Task<FileSource> Open(params string[] paths) => Open(new ReadOptions(), paths);

    public static Task<FileSource> Open(ReadOptions options, params string[] paths) =>
        DataFiles.OpenAsync(paths, options, TestContext.Current.CancellationToken);

    /// <summary>All rows as text, fields separated by bars, missing values as a middle dot.</summary>
    public static async Task<List<string>> Rows(this IBatchSource source, params string[] columns)
    {
        var rows = new List<string>();
        await foreach (
            var batch in source.ReadAllAsync(columns.Length == 0 ? [.. source.Schema.Names] : columns,
            TestContext.Current.CancellationToken))
        {
            Assert.InRange(batch.RowCount, 1, 8192);
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows.Add(string.Join("|", batch.Columns.Select(column => Show(column, row))));
            }
        }

        return rows;
    }

    static string Show(Column column, int row) => column.IsPresent(row)
        ? column.Type == DataType.Timestamp ? TimestampText.Format(column.Int64s[row])
            : column.ValueAt(row) is string[] list ? string.Join(',', list.Select(item => $"<{item}>"))
            : FormattableString.Invariant($"{column.ValueAt(row)}")
        : "·";
}
