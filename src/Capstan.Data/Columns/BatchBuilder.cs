using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>A reusable set of column builders with the batch that they fill. Not thread-safe.</summary>
public sealed class BatchBuilder
{
    public BatchBuilder(Schema schema)
    {
        Columns = [.. schema.Fields.Select(field => new ColumnBuilder(field.Type))];
        Batch = new ColumnBatch(schema, [.. Columns.Select(builder => builder.Column)]);
    }

    public ImmutableArray<ColumnBuilder> Columns { get; }

    /// <summary>Always the same object: a live view of what the builders hold.</summary>
    public ColumnBatch Batch { get; }

    public void Clear()
    {
        foreach (var column in Columns)
        {
            column.Clear();
        }
    }

    /// <summary>Appends one row of a batch with the same schema.</summary>
    public void AppendRow(ColumnBatch source, int row)
    {
        for (var index = 0; index < Columns.Length; index++)
        {
            Columns[index].AppendFrom(source.Columns[index], row);
        }
    }

    /// <summary>Appends consecutive rows of a batch with the same schema.</summary>
    public void AppendRange(ColumnBatch source, int start, int count)
    {
        for (var index = 0; index < Columns.Length; index++)
        {
            Columns[index].AppendRange(source.Columns[index], start, count);
        }
    }

    /// <summary>Appends some rows of a batch that has at least this builder's columns, in any order.</summary>
    public void AppendRows(ColumnBatch source, ReadOnlySpan<int> rows)
    {
        for (var index = 0; index < Columns.Length; index++)
        {
            Columns[index].AppendRows(source[Batch.Schema.Fields[index].Name], rows);
        }
    }
}
