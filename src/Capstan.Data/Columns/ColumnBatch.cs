using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>Some consecutive rows of a data set, column by column.</summary>
/// <remarks>A batch that a source handed out is valid until the next one is asked for; copy what must live longer.</remarks>
public sealed class ColumnBatch
{
    readonly ImmutableArray<Column> _columns;

    /// <exception cref="ArgumentException">The columns do not match the schema's fields one to one.</exception>
    public ColumnBatch(Schema schema, ImmutableArray<Column> columns)
    {
        if (schema.Fields.Length != columns.Length)
        {
            throw new ArgumentException(
                $"The schema has {schema.Fields.Length} columns, the batch {columns.Length}.", nameof(columns));
        }

        for (var index = 0; index < columns.Length; index++)
        {
            if (columns[index].Type != schema.Fields[index].Type)
            {
                throw new ArgumentException(
                    $"Column '{schema.Fields[index].Name}' is {columns[index].Type}; " +
                    $"the schema says {schema.Fields[index].Type}.",
                    nameof(columns));
            }
        }

        Schema = schema;
        _columns = columns;
    }

    public Schema Schema { get; }

    /// <summary>The rows now in the columns (a live view: builders may refill them).</summary>
    public int RowCount => _columns.IsEmpty ? 0 : _columns[0].Length;

    public ImmutableArray<Column> Columns => _columns;

    /// <exception cref="UnknownColumnException">There is no such column.</exception>
    public Column this[string name] =>
        Schema.IndexOf(name) is >= 0 and var index ? _columns[index] : throw new UnknownColumnException(name, Schema.Names);
}
