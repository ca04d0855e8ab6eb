using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The rows of a source as a subquery of the database that holds them: what filters and subsets leave of a table's rows, or a
/// file's, is left by the query, row for row.
/// </summary>
sealed class SqlRelation
{
    readonly IBatchSource _source;

    /// <exception cref="PushdownException">The rows are made here, or chosen by what the database does not keep.</exception>
    public SqlRelation(IBatchSource source)
    {
        _source = source;
        Database = HolderOf(source);
    }

    public ISqlSource Database { get; }

    public Schema Schema => _source.Schema;

    /// <summary>See <see cref="ISqlSource.RelationOf"/>.</summary>
    public string Of(IReadOnlyList<string> columns, Split? split = null, bool withPlaces = false) =>
        Of(_source, columns, split, withPlaces);

    public string Fingerprint => _source.Fingerprint;

    public SqlInput Input => new(Schema, Database.Dialect, columns => Of(columns));

    static ISqlSource HolderOf(IBatchSource source) => source switch
    {
        ISqlSource database => database,
        FilteredSource filtered => HolderOf(filtered.Source),
        RowSubset subset => HolderOf(subset.Source),
        _ => throw new PushdownException(
            "the data", "its rows are made here and no database has them; pushdown takes tables and queries of PostgreSQL, " +
                "and Parquet files."),
    };

    string Of(IBatchSource source, IReadOnlyList<string> columns, Split? split, bool withPlaces) => source switch
    {
        FilteredSource filtered => Filtered(filtered, columns, split, withPlaces),
        RowSubset subset => new SqlSubset(subset, Database).Of(
            columns, withPlaces, (read, placed) => Of(subset.Source, read, split, placed)),
        _ => Database.RelationOf(columns, split is null ? null : Database.Splits[split.Index], withPlaces),
    };

    string Filtered(FilteredSource filtered, IReadOnlyList<string> columns, Split? split, bool withPlaces)
    {
        string[] read = [.. columns.Concat(ExprChildren.ColumnsOf(filtered.Condition)).Distinct(StringComparer.Ordinal)];
        var steps = new SqlSteps(Of(filtered.Source, read, split, withPlaces), Database.Dialect);
        var truth = new SqlExpressions(filtered.Schema, steps, Database.Dialect).Of(filtered.Condition);
        return Kept(steps, columns, withPlaces, truth.Text, truth);
    }

    /// <summary>The columns, of the rows for which a condition is true.</summary>
    public static string Kept(SqlSteps steps, IReadOnlyList<string> columns, bool withPlaces, string condition, SqlValue tested)
    {
        string[] names = [.. columns, .. withPlaces ? [SqlPlace.Split, SqlPlace.Row] : Array.Empty<string>()];
        var kept = names.Select(name => steps.Load(SqlText.Identifier(name))).ToArray();
        var values = names.Zip(kept, (name, value) => $"{value.Text} AS {SqlText.Identifier(name)}").DefaultIfEmpty("1");
        return $"({steps.Query(string.Join(", ", values), [.. kept, tested])}\nWHERE {condition}) AS kept";
    }
}
