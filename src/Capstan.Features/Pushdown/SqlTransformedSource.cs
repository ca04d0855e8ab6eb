using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>The features of a source's rows, computed by the database that holds them, split by split.</summary>
sealed class SqlTransformedSource : IFeatureSource
{
    readonly SqlRelation _relation;
    readonly FrozenTransform _transform;
    readonly FeatureColumns _columns;

    /// <exception cref="SqlNotSupportedException">The database can't compute a feature as the engine does.</exception>
    public SqlTransformedSource(SqlRelation relation, FrozenTransform transform, IReadOnlyList<string> keep)
    {
        (_relation, _transform, _columns) = (relation, transform, FeatureColumns.Of(relation.Schema, transform, keep));
        // Neither a file that a database can't read nor a function that it lacks is to be found out after rows have been written.
        _ = SqlCompiler.Compile(transform, relation.Database.Dialect, "raw");
        _ = Query(_columns.Schema, relation.Database.Splits.Count > 0 ? relation.Database.Splits[0] : null);
        Splits = [.. relation.Database.Splits.Select(split => split with { RowCount = null, Span = null })];
    }

    public Schema Schema => _columns.Schema;

    public ImmutableArray<string> FeatureNames => _columns.Features;

    public IReadOnlyList<Split> Splits { get; }

    // The last bits of some functions are the database's.
    public string Fingerprint => $"{_relation.Fingerprint} by {_transform.Hash.Short} in {_relation.Database.Database}";

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Schema.Select(columns);
        if (columns.Count == 0)
        {
            yield break; // a batch without columns has no rows
        }

        var narrowed = new BatchBuilder(new Schema(wanted.Fields.Where(IsNumber)));
        await foreach (var batch in _relation.Database.QueryAsync(Query(wanted, split), wanted, cancellationToken))
        {
            narrowed.Clear();
            foreach (var (builder, field) in narrowed.Columns.Zip(narrowed.Batch.Schema.Fields))
            {
                Narrow(batch[field.Name], builder);
            }

            yield return new ColumnBatch(
                wanted, [.. wanted.Fields.Select((field, index) => IsNumber(field) ? narrowed.Batch[field.Name] : batch.Columns[index])]);
        }
    }

    bool IsNumber(Field field) => field.Type == DataType.Float64 && !_columns.Keep.Contains(field.Name);

    string Query(Schema wanted, Split? split)
    {
        var byName = SqlFeature.Of(_transform).ToDictionary(feature => feature.Name, StringComparer.Ordinal);
        var kept = wanted.Names.Where(_columns.Keep.Contains).ToHashSet(StringComparer.Ordinal);
        var read = wanted.Names.SelectMany(name => kept.Contains(name) ? [name] : ExprChildren.ColumnsOf(byName[name].Expr));
        var isPlaced = _relation.Database.HasPlaces;
        var steps = new SqlSteps(_relation.Of([.. read.Distinct(StringComparer.Ordinal)], split, isPlaced), _relation.Database.Dialect);
        var expressions = new SqlExpressions(_relation.Schema, steps, _relation.Database.Dialect);
        var (results, used) = (new List<string>(), new List<SqlValue>());
        foreach (var field in wanted.Fields)
        {
            var value = kept.Contains(field.Name) ? steps.Load(SqlText.Identifier(field.Name)) : byName[field.Name].ValueIn(expressions);
            used.Add(value);
            results.Add(kept.Contains(field.Name) ? value.Text : $"CAST({value.Text} AS {(field.Type == DataType.Int64 ? "BIGINT" : "DOUBLE PRECISION")})");
        }

        if (!isPlaced)
        {
            return steps.Query(string.Join(",\n  ", results), used);
        }

        var place = steps.Load(SqlPlace.Row);
        return $"{steps.Query(string.Join(",\n  ", results), [.. used, place])}\nORDER BY {place.Text}";
    }

    /// <summary>To single precision, as <see cref="FrozenTransform.Apply"/> has it; missing, or beyond its range, is 0.</summary>
    static void Narrow(Column values, ColumnBuilder result)
    {
        for (var row = 0; row < values.Length; row++)
        {
            var value = values.IsPresent(row) ? (float)values.Float64s[row] : 0;
            result.Append(float.IsFinite(value) ? (double)value : 0);
        }
    }
}
