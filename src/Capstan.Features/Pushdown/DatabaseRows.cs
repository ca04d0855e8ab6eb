using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The rows of a source as the database has them that holds them: analyses and features are computed there, by SQL, and only
/// constants or finished features come out. What can't be computed there as it is here is refused by name. Thread-safe.
/// </summary>
public sealed class DatabaseRows
{
    readonly SqlRelation _relation;

    /// <param name="source">
    /// Rows of a <see cref="ISqlSource"/>, or what conditions (<see cref="FilteredSource"/>) and subsets (<see
    /// cref="RowSubset"/>) leave of them.
    /// </param>
    /// <exception cref="PushdownException">No database holds the rows.</exception>
    public DatabaseRows(IBatchSource source) => _relation = new SqlRelation(source);

    /// <summary>What a person calls the database.</summary>
    public string Database => _relation.Database.Database;

    /// <summary>
    /// Fits all features by queries: counts, extremes, vocabularies and whatever is picked from the values as a pass here finds
    /// them, sums within the rounding of another order of additions, and quantiles exactly where a pass here finds them within a
    /// bound. Statistics over statistics are asked for one after the other.
    /// </summary>
    /// <param name="threads">How many queries run at a time; changes no result.</param>
    /// <exception cref="SqlNotSupportedException">An analysis has no query, or an operand no SQL.</exception>
    /// <exception cref="PushdownException">The database would not read the rows as they are read here.</exception>
    /// <exception cref="VocabularyFullException">A vocabulary would have more terms than a model may hold.</exception>
    /// <exception cref="UnreadableDataException">The database refuses a query, or fails.</exception>
    public async Task<DatabaseFit> FitAsync(TransformGraph graph, int threads, CancellationToken cancellationToken)
    {
        var (analyses, queries) = (0, 0);
        var transform = await graph.FitAsync(
            async pending =>
            {
                var analysis = new SqlAnalysisRun(_relation, pending);
                await analysis.RunAsync(threads, cancellationToken);
                (analyses, queries) = (analyses + pending.Count, queries + analysis.QueryCount);
                return analysis.Constants;
            });
        return new DatabaseFit(transform, analyses, queries);
    }

    /// <summary>What a label must tell of itself, by a query or two.</summary>
    /// <param name="mostFrequent">How many values of a text are wanted.</param>
    /// <exception cref="UnknownColumnException">There is no such column.</exception>
    public Task<ColumnFacts> FactsOfAsync(string column, int mostFrequent, CancellationToken cancellationToken) =>
        new SqlColumnFacts(_relation, _relation.Schema[column], mostFrequent).AskAsync(cancellationToken);

    /// <summary>How many rows there are.</summary>
    public Task<long> CountAsync(CancellationToken cancellationToken) => SqlColumnFacts.CountAsync(_relation, cancellationToken);

    /// <summary>
    /// The features of the rows as columns, computed by the database: as <see cref="TransformedSource"/> gives them, to the bit
    /// but for log, exp, sine, power and their kin. Rows come in their order where they have places, and in the database's where
    /// they have none.
    /// </summary>
    /// <param name="keep">Raw columns to put before the features.</param>
    /// <exception cref="SqlNotSupportedException">The database can't compute a feature as the engine does.</exception>
    /// <exception cref="PushdownException">The database would not read the rows as they are read here.</exception>
    /// <exception cref="UnknownColumnException">A column that is read or kept is not there.</exception>
    /// <exception cref="ArgumentException">
    /// A column to keep is named twice or like a feature, or a column has another type than the transform reads.
    /// </exception>
    public IFeatureSource Transformed(FrozenTransform transform, IReadOnlyList<string> keep) =>
        new SqlTransformedSource(_relation, transform, keep);
}

/// <summary>What a database found out.</summary>
/// <param name="Analyses">How many parts of features were found: statistics, boundaries, vocabularies, tables by key.</param>
/// <param name="Queries">By how many queries.</param>
public sealed record DatabaseFit(FrozenTransform Transform, int Analyses, int Queries);
