using System.Collections.Immutable;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// A query over all training rows that finds the constants of some nodes, and how these are read off its rows: what <see cref="Fitting"/> is for
/// a pass of the engine's. The nodes' operands are frozen.
/// </summary>
abstract class SqlFitting(ImmutableArray<Expr> nodes)
{
    public ImmutableArray<Expr> Nodes { get; } = nodes;

    /// <summary>Nodes of a <see cref="SqlNumbersFitting"/> whose constants the conclusion needs besides: the same over all keys.</summary>
    public virtual ImmutableArray<Expr> Needs => [];

    /// <summary>For a person who runs it. No final semicolon.</summary>
    public abstract string Query(SqlInput input);

    /// <summary>As it is read here: the columns in the order and of the types of <see cref="Result"/>.</summary>
    public virtual string ReadQuery(SqlInput input) => Query(input);

    public abstract Schema Result { get; }

    /// <summary>The nodes' constant forms, in their order.</summary>
    /// <param name="rows">The query's, of the schema <see cref="Result"/>.</param>
    /// <param name="needed">The constant forms of <see cref="Needs"/>.</param>
    public abstract IEnumerable<Expr> Conclude(ColumnBatch rows, IReadOnlyDictionary<Expr, Expr> needed);

    protected static Schema Columns(params ReadOnlySpan<DataType> types)
    {
        var fields = new List<Field>();
        foreach (var type in types)
        {
            fields.Add(new Field($"c{fields.Count}", type));
        }

        return new Schema(fields);
    }

    protected static string TextAt(ColumnBatch rows, int column, int row) => (string)rows.Columns[column].ValueAt(row)!; // asked for where it is
}
