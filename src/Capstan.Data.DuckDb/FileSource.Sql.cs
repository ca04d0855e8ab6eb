using System.Runtime.CompilerServices;

namespace Capstan.Data.DuckDb;

/// <summary>Queries over the files by DuckDB, which reads Parquet alone as it is read here.</summary>
public sealed partial class FileSource
{
    // Sorting and grouping hold what reading passes on.
    const long QueryMemoryBytes = 4L << 30;
    const int BatchRows = 8192;

    public SqlDialect Dialect => SqlDialect.DuckDb;

    public string Database => "DuckDB";

    public bool HasPlaces => _parts.All(each => each.File.File is ParquetFile { CanNumberRows: true });

    public string RelationOf(IReadOnlyList<string> columns, Split? split, bool withPlaces)
    {
        var wanted = Schema.Select(columns);
        if (_options.OnBadRow is not (BadRowPolicy.FailPolicy or BadRowPolicy.NullPolicy))
        {
            // A cell of any column may have its row left out.
            _ = Select(Schema, null, false);
        }

        return $"({Select(wanted, split, withPlaces)}) AS raw";
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ColumnBatch> QueryAsync(
        string sql, Schema result, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // By the caller's thread, as files are read.
        await Task.CompletedTask;
        using var session = Try(() => new DuckDbSession(Math.Max(QueryMemoryBytes, _options.ParquetMemoryBytes)));
        using var rows = Try(() => session.Query(sql));
        var types = Enumerable.Range(0, result.Fields.Length).Select(rows.TypeOf).ToArray();
        var builder = new BatchBuilder(result);
        while (Try(rows.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (builder.Batch.RowCount + rows.RowCount > BatchRows)
            {
                yield return builder.Batch;
                builder.Clear();
            }

            for (var column = 0; column < types.Length; column++)
            {
                VectorDecoder.Append(rows.Column(column), types[column], 0, rows.RowCount, builder.Columns[column]);
            }
        }

        if (builder.Batch.RowCount > 0)
        {
            yield return builder.Batch;
        }
    }

    string Select(Schema wanted, Split? split, bool withPlaces)
    {
        var parts = _parts.Select((each, index) => (each.File, each.Part, Index: index));
        var selected = split is not null ? parts.Where(each => each.Index == split.Index) : parts;
        var selects = split is null && !withPlaces
            ? _parts.Select(each => each.File).Distinct().Select(file => file.Select(null, wanted, false))
            : selected.Select(each => each.File.Select((each.Part, each.Index), wanted, withPlaces));
        return string.Join("\nUNION ALL ", selects);
    }

    T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DuckDbException cause)
        {
            throw new UnreadableDataException(
                string.Join(", ", Files.Take(3)),
                cause.Message.Contains("Out of Memory", StringComparison.OrdinalIgnoreCase)
                    ? $"DuckDB needs more memory for a query over it than it may take here ({QueryMemoryBytes >> 30} GiB); " +
                        $"read the rows instead (without pushdown), whose analysis takes bounded memory."
                    : $"DuckDB can't answer a query over it: {cause.Message.ReplaceLineEndings(" ").Trim()}",
                cause);
        }
    }
}
