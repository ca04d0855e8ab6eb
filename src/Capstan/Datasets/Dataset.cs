using Capstan.Data;
using Capstan.Data.DuckDb;
using Capstan.Features;

namespace Capstan;

/// <summary>Raw rows to learn from or to predict: files, objects in memory, or any source; opened when they are needed.</summary>
public sealed class Dataset
{
    readonly Func<ReadOptions, CancellationToken, Task<IBatchSource>> _open;
    readonly ReadOptions _options;
    readonly Expr? _condition;
    readonly Action<int, long?>? _passed;
    FileSource? _files;

    Dataset(
        IReadOnlyList<string> names, Func<ReadOptions, CancellationToken, Task<IBatchSource>> open, ReadOptions options,
        Expr? condition = null, Action<int, long?>? passed = null)
    {
        Names = names;
        (_open, _options, _condition, _passed) = (open, options, condition, passed);
    }

    /// <summary>The files, or what a person calls the source.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>
    /// The first name without folder and extension, of letters, digits, '-', '_' and '.' only: what a model of it is called
    /// where nobody says otherwise.
    /// </summary>
    public string ShortName
    {
        get
        {
            var stem = Path.GetFileNameWithoutExtension(Names[0]);
            var name = string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'))
                .Trim('-', '.');
            return name.Length > 0 ? name : "model";
        }
    }

    /// <summary>
    /// What reading this object's files has left out so far (of the latest opening); empty where rows are not left out.
    /// </summary>
    public BadRowReport BadRows => _files?.BadRows ?? new BadRowReport([]);

    /// <summary>CSV, Parquet or JSON-lines files; <c>*</c> stands for any part of a file's name.</summary>
    public static Dataset Read(params IReadOnlyList<string> pathsOrPatterns) => Read(pathsOrPatterns, new ReadOptions());

    public static Dataset Read(IReadOnlyList<string> pathsOrPatterns, ReadOptions options) =>
        new(pathsOrPatterns, async (chosen, ct) => await DataFiles.OpenAsync(pathsOrPatterns, chosen, ct), options);

    /// <summary>
    /// The public properties of some objects as columns: numbers, text, booleans, enumerations, dates; null is missing.
    /// </summary>
    /// <exception cref="ArgumentException">The type has no property that can be a column.</exception>
    public static Dataset From<T>(IEnumerable<T> rows) => From(ObjectRows.ToSource(rows), $"IEnumerable<{typeof(T).Name}>");

    public static Dataset From(IBatchSource source, string name) =>
        new([name], (_, _) => Task.FromResult(source), new ReadOptions());

    /// <summary>Only the rows for which a condition is true, such as <c>fare &gt;= 2.5 and month(pickup) &lt; 6</c>.</summary>
    /// <exception cref="ExpressionSyntaxException">The text is no expression.</exception>
    public Dataset Where(string condition)
    {
        var parsed = ExprParser.Parse(condition);
        return new Dataset(Names, _open, _options, _condition is null ? parsed : Expressions.And(_condition, parsed), _passed);
    }

    /// <summary>The same rows, with somebody told as they are read: a progress bar, a log.</summary>
    /// <param name="passed">
    /// Given the rows of each batch read, and how many there are in all where that is known beforehand.
    /// </param>
    public Dataset Watched(Action<int, long?> passed) => new(Names, _open, _options, _condition, passed);

    /// <summary>Reads all rows once and summarises every column: counts, moments, distributions, most frequent values.</summary>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    public async Task<TableStatistics> DescribeAsync(CancellationToken cancellationToken = default) =>
        await TableStatistics.OfAsync(await OpenAsync(cancellationToken), cancellationToken);

    /// <summary>Reads all rows once and holds them against a data schema, whose text columns are read as text.</summary>
    /// <exception cref="UnreadableDataException">A file is missing, damaged, or without rows.</exception>
    /// <exception cref="DataSchemaException">Rules contradict themselves.</exception>
    public Task<ValidationReport> ValidateAsync(DataSchema schema, CancellationToken cancellationToken = default) =>
        ValidateAsync(schema, new ValidationOptions(), cancellationToken);

    /// <summary>The same, with an environment, and data to compare with. Rows that reading leaves out are anomalies, too.</summary>
    public async Task<ValidationReport> ValidateAsync(
        DataSchema schema, ValidationOptions options, CancellationToken cancellationToken = default)
    {
        var texts = schema.Columns.Where(column => column.Value?.Type == "text").Select(column => new Field(column.Key, DataType.Text));
        var source = await OpenAsync(_ => texts, cancellationToken);
        var statistics = await TableStatistics.OfAsync(source, cancellationToken);
        var example = BadRows.Files.SelectMany(file => file.Examples).FirstOrDefault()?.ToString();
        return schema.Validate(
            statistics, options with { Unreadable = new UnreadableRows(BadRows.Count, BadRows.NotUtf8Count, example) });
    }

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
            source = await _open(_options with { Types = types }, cancellationToken);
        }

        _files = source as FileSource;
        source = _passed is null ? source : new WatchedSource(source, _passed);
        return _condition is null ? source : new FilteredSource(source, _condition);
    }
}
