using System.Data.Common;
using DuckDB.NET.Data;

namespace Capstan.Tests;

/// <summary>The queries in samples/ that make rows of shared data, run as they stand but for where the files are.</summary>
static class SampleQueries
{
    /// <param name="sample">Beneath samples/.</param>
    /// <param name="reads">Files as the queries name them, by where they are among the shared data.</param>
    /// <param name="folder">Where the queries write.</param>
    /// <param name="writes">Files as the queries name them.</param>
    public static async Task RunAsync(
        string sample, (string Name, string Path)[] reads, string folder, string[] writes, CancellationToken cancellationToken)
    {
        var sql = await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "samples", sample), cancellationToken);
        var places = reads.Select(file => (file.Name, Path: SharedData.File(file.Path)))
            .Concat(writes.Select(name => (Name: name, Path: Path.Combine(folder, name))));
        foreach (var (name, path) in places)
        {
            Assert.Contains($"'{name}'", sql, StringComparison.Ordinal);
            sql = sql.Replace($"'{name}'", $"'{path}'", StringComparison.Ordinal);
        }

        await using var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync(cancellationToken);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
