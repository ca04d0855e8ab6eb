namespace Capstan.Data;

/// <summary>
/// Rows that a database holds, or one that reads files, and that it can be asked about: analyses and features are then computed
/// where the rows are, and only answers come out.
/// </summary>
/// <remarks>Answers repeat to the bit: the same rows are added up in the same order, by one thread for each query.</remarks>
public interface ISqlSource : IBatchSource
{
    SqlDialect Dialect { get; }

    /// <summary>What a person calls the database.</summary>
    string Database { get; }

    /// <summary>Whether each row has a place by which it can be told from all others: what a table keeps no record of.</summary>
    bool HasPlaces { get; }

    /// <summary>
    /// A subquery to select from, <c>(SELECT …) AS raw</c>: the rows that <see cref="IBatchSource.ReadAsync"/> gives, cell for
    /// cell, with columns named and typed as in the schema: BIGINT, DOUBLE PRECISION, BOOLEAN, TIMESTAMP, texts as such.
    /// </summary>
    /// <param name="columns">The columns wanted.</param>
    /// <param name="split">The only split whose rows are wanted; null: all.</param>
    /// <param name="withPlaces">
    /// Whether two columns more say where a row stands, as integers: <see cref="SqlPlace"/>. Only where <see cref="HasPlaces"/>.
    /// </param>
    /// <exception cref="UnknownColumnException">A column is not in the schema.</exception>
    /// <exception cref="PushdownException">The database would not read the rows as they are read here.</exception>
    string RelationOf(IReadOnlyList<string> columns, Split? split, bool withPlaces);

    /// <summary>Runs a SELECT and reads its rows.</summary>
    /// <param name="sql">No final semicolon. Its columns are of the types that <see cref="RelationOf"/> names.</param>
    /// <param name="result">What the columns are called here, and their types.</param>
    /// <param name="cancellationToken">Checked once per batch.</param>
    /// <returns>Batches of at most 8,192 rows; each is valid until the next is asked for.</returns>
    /// <exception cref="UnreadableDataException">The database refuses the query, or fails on the way.</exception>
    IAsyncEnumerable<ColumnBatch> QueryAsync(string sql, Schema result, CancellationToken cancellationToken);
}

/// <summary>The columns of a relation that say where a row stands.</summary>
public static class SqlPlace
{
    /// <summary>The split's 0-based index.</summary>
    public const string Split = "capstan_split";

    /// <summary>A number that grows from row to row of a split, 0 for its first.</summary>
    public const string Row = "capstan_row";
}
