using System.Data;
using System.Data.Common;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Capstan.Data;
using Capstan.Data.Arrow;
using Capstan.Data.DuckDb;
using Capstan.Data.MLNet;
using Capstan.Features;
using Microsoft.Data.Analysis;

namespace Capstan.Conformance.Tests;

/// <summary>Every source that there is, over the rows of <see cref="SourceTable"/>. A new one is one line here.</summary>
static class Sources
{
    public static readonly IReadOnlyDictionary<string, Func<string, Task<IBatchSource>>> All = new Dictionary<string, Func<string, Task<IBatchSource>>>
    {
        ["memory"] = _ => Done(InMemory()),
        ["objects"] = _ => Dataset.From(SourceTable.Objects).OpenAsync(Token),
        ["objects over time"] = _ => Dataset.From(OverTimeAsync()).OpenAsync(Token),
        ["csv"] = folder => FilesAsync(folder, "a.csv"),
        ["json lines"] = folder => FilesAsync(folder, "a.jsonl"),
        ["parquet"] = folder => FilesAsync(folder, "a.parquet"),
        ["arrow file"] = folder => FilesAsync(folder, "a.arrow"),
        ["shards"] = ShardsAsync,
        ["partitions"] = PartitionsAsync,
        ["arrow batches"] = async folder => new ArrowSource(await ArrowBatchesAsync(folder)),
        ["query"] = async _ => await QuerySource.OpenAsync(_ => Task.FromResult<DbDataReader>(Table.CreateDataReader()), "the rows", Token),
        ["data frame"] = _ => Done(new DataFrameSource(Frame())),
        ["filtered"] = _ => Done(new FilteredSource(InMemory(), ExprParser.Parse("1 < 2"))),
        ["subset"] = _ => Done(RowSubset.ByHash(InMemory(), null, 0, 0, 1000)),
    };

    static readonly Lazy<DataTable> LazyTable = new(MakeTable);

    static DataTable Table => LazyTable.Value;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static Task<IBatchSource> Done(IBatchSource source) => Task.FromResult(source);

    static MemorySource InMemory() => new(SourceTable.Schema, Slices(8192));

    static IEnumerable<ColumnBatch> Slices(int rows)
    {
        for (var start = 0; start < SourceTable.RowCount; start += rows)
        {
            var builder = new BatchBuilder(SourceTable.Schema);
            builder.AppendRange(SourceTable.Rows, start, Math.Min(rows, SourceTable.RowCount - start));
            yield return builder.Batch;
        }
    }

    static async IAsyncEnumerable<SourceTable.Row> OverTimeAsync()
    {
        foreach (var row in SourceTable.Objects)
        {
            yield return row;
        }

        await Task.CompletedTask;
    }

    static async Task<string> WriteAsync(string path)
    {
        await using var sink = DataSinks.Create(path, SourceTable.Schema);
        await sink.WriteAsync(SourceTable.Rows, Token);
        await sink.CompleteAsync(Token);
        return path;
    }

    static async Task<IBatchSource> FilesAsync(string folder, string name) =>
        await DataFiles.OpenAsync([await WriteAsync(Path.Combine(folder, name))], new ReadOptions(), Token);

    static async Task<IBatchSource> ShardsAsync(string folder)
    {
        await using (var sink = DataSinks.CreateShards(Path.Combine(folder, "a.parquet"), SourceTable.Schema, 7000))
        {
            await sink.WriteAsync(SourceTable.Rows, Token);
            await sink.CompleteAsync(Token);
        }

        return await DataFiles.OpenAsync([folder], new ReadOptions(), Token);
    }

    /// <summary>A folder's column besides those of the table: the suite asks only for the table's.</summary>
    static async Task<IBatchSource> PartitionsAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "Part=1"));
        await WriteAsync(Path.Combine(folder, "Part=1", "a.csv"));
        return await DataFiles.OpenAsync([folder], new ReadOptions(), Token);
    }

    static async Task<List<RecordBatch>> ArrowBatchesAsync(string folder)
    {
        using var reader = ArrowFileReader.FromFile(await WriteAsync(Path.Combine(folder, "a.arrow")));
        var batches = new List<RecordBatch>();
        while (await reader.ReadNextRecordBatchAsync(Token) is { } batch)
        {
            batches.Add(batch);
        }

        return batches;
    }

    static DataTable MakeTable()
    {
        var table = new DataTable();
        table.Columns.Add("Id", typeof(long));
        table.Columns.Add("X", typeof(double));
        table.Columns.Add("Flag", typeof(bool));
        table.Columns.Add("Name", typeof(string));
        table.Columns.Add("At", typeof(DateTime));
        foreach (var row in SourceTable.Objects)
        {
            table.Rows.Add(row.Id, row.X, row.Flag, row.Name, row.At);
        }

        return table;
    }

    static DataFrame Frame() => new(
        new Int64DataFrameColumn("Id", SourceTable.Objects.Select(row => row.Id)),
        new DoubleDataFrameColumn("X", SourceTable.Objects.Select(row => row.X)),
        new BooleanDataFrameColumn("Flag", SourceTable.Objects.Select(row => row.Flag)),
        new StringDataFrameColumn("Name", SourceTable.Objects.Select(row => row.Name)),
        new DateTimeDataFrameColumn("At", SourceTable.Objects.Select(row => row.At)));
}
