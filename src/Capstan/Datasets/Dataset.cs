using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Data.DuckDb;
using Capstan.Data.PostgreSql;
using Capstan.Features;

namespace Capstan;

/// <summary>Raw rows to learn from or to predict: files, objects in memory, or any source; opened when they are needed.</summary>
public sealed partial class Dataset
{
    readonly Func<ReadOptions, CancellationToken, Task<IBatchSource>> _open;
    readonly ReadOptions _options;
    readonly Expr? _condition;
    readonly Action<int, long?>? _passed;
    readonly Dataset? _raw;
    FileSource? _files;
    IFeatureSource? _features;
    string? _snapshot;

    Dataset(
        IReadOnlyList<string> names, Func<ReadOptions, CancellationToken, Task<IBatchSource>> open, ReadOptions options,
        Expr? condition = null, Action<int, long?>? passed = null, Dataset? raw = null)
    {
        Names = names;
        (_open, _options, _condition, _passed, _raw) = (open, options, condition, passed, raw);
    }

    /// <summary>The files, or what a person calls the source.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// The first name without folder and extension, or a table's, of letters, digits, '-', '_' and '.' only: what a model of it
    /// is called where nobody says otherwise.
    /// </summary>
    public string ShortName
    {
        get
        {
            var stem = PostgreSqlAddress.IsAddress(Names[0])
                ? Names[0].Split("?table=") is [_, var table] ? table.Split('.')[^1] : ""
                : Path.GetFileNameWithoutExtension(Names[0]);
            var name = string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'))
                .Trim('-', '.');
            return name.Length > 0 ? name : "model";
        }
    }

    /// <summary>What a page about it is called: the first file's name, and how many more there are.</summary>
    internal string Title => $"{Path.GetFileName(Names[0])}{(Names.Count == 1 ? "" : $" and {Names.Count - 1} more")}";

    /// <summary>
    /// What reading this object's files has left out so far (of the latest opening); empty where rows are not left out.
    /// </summary>
    public BadRowReport BadRows => _files?.BadRows ?? _raw?.BadRows ?? new BadRowReport([], []);

    /// <summary>
    /// CSV, Parquet, JSON-lines or Arrow files; <c>*</c> stands for any part of a file's name. Or one address of a PostgreSQL
    /// database: <c>postgresql://user@host:port/database?table=public.trips</c> (<see cref="PostgreSqlAddress"/>).
    /// </summary>
    /// <exception cref="UnreadableDataException">An address is none, or does not stand alone.</exception>
    public static Dataset Read(params IReadOnlyList<string> pathsOrPatterns) => Read(pathsOrPatterns, new ReadOptions());

    public static Dataset Read(IReadOnlyList<string> pathsOrPatterns, ReadOptions options) => Read(pathsOrPatterns, options, null);

    /// <param name="seenBy">The snapshot by which another process sees a database; null for the rows as they are when opened.</param>
    internal static Dataset Read(IReadOnlyList<string> pathsOrPatterns, ReadOptions options, string? seenBy)
    {
        if (!pathsOrPatterns.Any(PostgreSqlAddress.IsAddress))
        {
            return new(pathsOrPatterns, async (chosen, ct) => await DataFiles.OpenAsync(pathsOrPatterns, chosen, ct), options);
        }

        var address = PostgreSqlAddress.Parse(pathsOrPatterns.First(PostgreSqlAddress.IsAddress));
        return pathsOrPatterns.Count == 1
            ? Read(address, options.Types, seenBy)
            : throw new UnreadableDataException($"{address}", "an address of a database stands alone; unite tables by a query.");
    }

    /// <summary>A table, view or query of a PostgreSQL database, as it is when it is opened.</summary>
    public static Dataset Read(PostgreSqlAddress address) => Read(address, ImmutableDictionary<string, DataType>.Empty, null);

    static Dataset Read(PostgreSqlAddress address, ImmutableDictionary<string, DataType> types, string? seenBy) => new(
        [$"{address}"], async (chosen, ct) => await PostgreSqlSource.OpenAsync(address, chosen.Types, seenBy, ct),
        new ReadOptions { Types = types });

    /// <summary>
    /// The public properties of some objects as columns: numbers, text, booleans, enumerations, dates; null is missing.
    /// </summary>
    /// <exception cref="ArgumentException">The type has no property that can be a column.</exception>
    public static Dataset From<T>(IEnumerable<T> rows) => From(ObjectRows.ToSource(rows), $"IEnumerable<{typeof(T).Name}>");

    /// <summary>
    /// The public properties of objects that arrive over time, as columns. They are read once, when the data is first opened, and
    /// kept in memory, column by column; a reading that is cancelled keeps nothing, and the next one asks for the objects anew.
    /// </summary>
    /// <exception cref="ArgumentException">The type has no property that can be a column.</exception>
    public static Dataset From<T>(IAsyncEnumerable<T> rows)
    {
        ObjectRows.Check<T>();
        var kept = new AsyncRows<T>(rows);
        return new([$"IAsyncEnumerable<{typeof(T).Name}>"], (_, ct) => kept.OpenAsync(ct), new ReadOptions());
    }

    /// <summary>Any source, such as a query's rows (<see cref="QuerySource"/>) or Arrow record batches.</summary>
    /// <param name="name">What a person calls it.</param>
    public static Dataset From(IBatchSource source, string name) =>
        new([name], (_, _) => Task.FromResult(source), new ReadOptions());

    /// <summary>Only the rows for which a condition is true, such as <c>fare &gt;= 2.5 and month(pickup) &lt; 6</c>.</summary>
    /// <exception cref="ExpressionSyntaxException">The text is no expression.</exception>
    public Dataset Where(string condition) => Where(ExprParser.Parse(condition));

    public Dataset Where(Expr condition) =>
        new(Names, _open, _options, _condition is null ? condition : Expressions.And(_condition, condition), _passed, _raw);

    /// <summary>Only the rows for which a lambda over a record type is true: <c>Where((Trip t) => t.Fare >= 2.5)</c>.</summary>
    /// <exception cref="LambdaException">A part of the lambda has no translation.</exception>
    public Dataset Where<TRow>(
        Expression<Func<TRow, bool>> condition, [CallerArgumentExpression(nameof(condition))] string? text = null) =>
        Where(ExprLambda.Of(condition, text));

    /// <summary>The same rows, with somebody told as they are read: a progress bar, a log.</summary>
    /// <param name="passed">
    /// Given the rows of each batch read, and how many there are in all where that is known beforehand.
    /// </param>
    public Dataset Watched(Action<int, long?> passed) => new(Names, _open, _options, _condition, passed, _raw);

    /// <summary>The features of these rows as columns: what a model is trained on and sees when it predicts.</summary>
    /// <param name="transform">Of a model (<c>model.Artifact.Transform</c>), or fitted by itself.</param>
    /// <param name="keep">Raw columns to put before the features.</param>
    public Dataset Transformed(FrozenTransform transform, params IReadOnlyList<string> keep) =>
        Transformed(transform, transform.Input.Fields, keep, inDatabase: false);

    /// <summary>
    /// The same, computed by the database that holds the rows (<see cref="DatabaseRows.Transformed"/>), so that only features
    /// come out. Opening it fails where that database can't compute one as it is computed here.
    /// </summary>
    public Dataset TransformedInDatabase(FrozenTransform transform, params IReadOnlyList<string> keep) =>
        Transformed(transform, transform.Input.Fields, keep, inDatabase: true);

    /// <param name="types">The columns and types that the raw data is to be read with.</param>
    internal Dataset Transformed(
        FrozenTransform transform, IReadOnlyList<Field> types, IReadOnlyList<string> keep, bool inDatabase) => new(
        Names,
        async (_, ct) => await OpenAsync(_ => types, ct) is var source && inDatabase
            ? new DatabaseRows(source).Transformed(transform, keep)
            : new TransformedSource(source, transform, keep),
        new ReadOptions(), raw: this);

    /// <summary>
    /// Writes all rows into a file, streaming: CSV, JSON lines, Parquet or Arrow by its extension; or into a new table of a
    /// PostgreSQL database. It appears whole or not at all. Features are stored as single-precision numbers and integers of 32
    /// bits.
    /// </summary>
    /// <param name="path">
    /// Ends with .csv, .tsv, .jsonl, .ndjson, .parquet, .pq, .arrow or .feather, or is an address with a table.
    /// </param>
    /// <param name="rowsPerFile">
    /// For several files of so many rows: <c>features-00000.parquet</c> and so on; null for one file. Each appears whole.
    /// </param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">The extension tells no format that can be written.</exception>
    /// <exception cref="UnwritableFileException">A file can't be written.</exception>
    /// <exception cref="UnreadableDataException">There is no row to write.</exception>
    public Task<long> SaveAsync(string path, long? rowsPerFile = null, CancellationToken cancellationToken = default) =>
        SaveAsync(path, rowsPerFile, ParallelPass.AllThreads, cancellationToken);

    /// <summary>The same on a number of threads, which changes no byte.</summary>
    public async Task<long> SaveAsync(string path, long? rowsPerFile, int threads, CancellationToken cancellationToken)
    {
        var source = await OpenAsync(cancellationToken);
        var batches = source.ReadAllAsync([.. source.Schema.Names], threads, cancellationToken);
        return await SaveAsync(source, batches, path, rowsPerFile, cancellationToken);
    }

    /// <summary>The same from batches that were read elsewhere.</summary>
    /// <param name="source">As this object opened it.</param>
    /// <param name="batches">All of its columns and rows.</param>
    internal async Task<long> SaveAsync(
        IBatchSource source, IAsyncEnumerable<ColumnBatch> batches, string path, long? rowsPerFile, CancellationToken cancellationToken)
    {
        var narrow = _features?.FeatureNames.ToHashSet(StringComparer.Ordinal);
        await using var sink = rowsPerFile is { } limit
            ? DataSinks.CreateShards(path, source.Schema, limit, narrow)
            : RowSinks.Create(path, source.Schema, narrow);
        var rows = 0L;
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            await sink.WriteAsync(batch, cancellationToken);
            rows += batch.RowCount;
        }

        if (rows == 0)
        {
            throw new UnreadableDataException(string.Join(", ", Names), "no row is left to write; look at the condition.");
        }

        await sink.CompleteAsync(cancellationToken);
        return rows;
    }

    /// <summary>Reads all rows once and summarises every column: counts, moments, distributions, most frequent values.</summary>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    public Task<TableStatistics> DescribeAsync(CancellationToken cancellationToken = default) =>
        DescribeAsync(ParallelPass.AllThreads, cancellationToken);

    /// <summary>The same on a number of threads, which changes no result.</summary>
    public async Task<TableStatistics> DescribeAsync(int threads, CancellationToken cancellationToken)
    {
        var source = await OpenAsync(cancellationToken);
        return await TableStatistics.OfAsync(source, [.. source.Schema.Names], threads, null, cancellationToken);
    }

    /// <summary>
    /// Reads all rows once and holds them against a data schema, whose columns of texts and lists are read as such.
    /// </summary>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    /// <exception cref="DataSchemaException">Rules contradict themselves.</exception>
    public Task<ValidationReport> ValidateAsync(DataSchema schema, CancellationToken cancellationToken = default) =>
        ValidateAsync(schema, new ValidationOptions(), cancellationToken);

    /// <summary>The same, with an environment, and data to compare with. What reading leaves out is an anomaly, too.</summary>
    public async Task<ValidationReport> ValidateAsync(
        DataSchema schema, ValidationOptions options, CancellationToken cancellationToken = default)
    {
        var texts = schema.Columns.Where(column => column.Value?.Type is "text" or "list")
            .Select(column => new Field(column.Key, Schema.TypeNamed(column.Value.Type!)!.Value)); // the pattern knows them
        var source = await OpenAsync(_ => texts, cancellationToken);
        var statistics = await TableStatistics.OfAsync(
            source, [.. source.Schema.Names], ParallelPass.AllThreads, null, cancellationToken);
        var example = BadRows.Files.SelectMany(file => file.Examples).FirstOrDefault()?.ToString();
        return schema.Validate(
            statistics, options with
            {
                Unreadable = new UnreadableRows(BadRows.Count, BadRows.NotUtf8Count, example),
                UnreadableValues =
                [
                    .. BadRows.MadeMissing.Select(column =>
                        new UnreadableValues(column.Column, column.Count, column.Examples.FirstOrDefault()?.ToString())),
                ],
            });
    }

    /// <summary>Reads all rows once and finds how their columns go together, and what values say of a label.</summary>
    /// <param name="label">A column; null for none.</param>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    /// <exception cref="UnknownColumnException">There is no such label.</exception>
    public async Task<TableAssociations> AssociationsAsync(string? label = null, CancellationToken cancellationToken = default) =>
        await TableAssociations.OfAsync(await OpenAsync(cancellationToken), label, ParallelPass.AllThreads, cancellationToken);

    /// <summary>
    /// Compares rows with those of the same key in another data set, such as features when serving with those in training.
    /// </summary>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    /// <exception cref="UnknownColumnException">There is no such key.</exception>
    /// <exception cref="ArgumentException">No key is named.</exception>
    /// <exception cref="SkewKeyException">A key has another type in each, or is a list.</exception>
    public async Task<FeatureSkew> FeatureSkewAsync(
        Dataset other, FeatureSkewOptions options,
        CancellationToken cancellationToken = default) => await FeatureSkewJoin.OfAsync(
        await OpenAsync(cancellationToken), await other.OpenAsync(cancellationToken), options, cancellationToken);

    /// <summary>Opens the data.</summary>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    public Task<IBatchSource> OpenAsync(CancellationToken cancellationToken = default) => OpenAsync(_ => [], cancellationToken);

    /// <summary>Opens the data with the types that a model or a pipeline expects of some columns.</summary>
    /// <param name="expected">
    /// Given the schema found, the columns and types wanted; columns that are not there are for the caller to miss.
    /// </param>
    internal async Task<IBatchSource> OpenAsync(Func<Schema, IEnumerable<Field>> expected, CancellationToken cancellationToken)
    {
        var source = await _open(_options, cancellationToken);
        var differing = expected(source.Schema)
            .Where(field => source.Schema.IndexOf(field.Name) >= 0 && source.Schema[field.Name] != field)
            .ToArray();
        if (differing.Length > 0)
        {
            var types = differing.Aggregate(_options.Types, (sum, field) => sum.SetItem(field.Name, field.Type));
            var untyped = source;
            source = await _open(_options with { Types = types }, cancellationToken);
            if (untyped != source && untyped is IAsyncDisposable opened)
            {
                await opened.DisposeAsync();
            }
        }

        (_files, _features, _snapshot) = (source as FileSource, source as IFeatureSource, (source as PostgreSqlSource)?.Snapshot);
        source = _passed is null ? source : new WatchedSource(source, _passed);
        return _condition is null ? source : new FilteredSource(source, _condition);
    }
}
