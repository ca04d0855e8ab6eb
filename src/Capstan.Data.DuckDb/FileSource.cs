using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>
/// CSV, Parquet, JSON lines and Arrow files as one data set: made by <see cref="DataFiles.OpenAsync"/>. Every reading gives the
/// same rows in the same order, whichever columns are asked for. Splits may be read at the same time.
/// </summary>
public sealed partial class FileSource : ISqlSource
{
    readonly ImmutableArray<(PlacedFile File, FilePart Part)> _parts;
    readonly BadRowLedger _badRows;
    readonly ReadOptions _options;

    internal FileSource(ImmutableArray<PlacedFile> files, Schema schema, ReadOptions options)
    {
        (Schema, _options) = (schema, options);
        Files = [.. files.Select(file => file.Path.Name)];
        _parts = [.. files.SelectMany(file => file.File.Parts.Select(part => (file, part)))];
        _badRows = new BadRowLedger(options.OnBadRow);
        // Rows that may be left out are not counted before they are read.
        var isExact = options.OnBadRow is BadRowPolicy.FailPolicy;
        var reading = ReadingOf(schema, options);
        // A file named twice is two spans, or its rows would be taken for twice as many wherever they appear.
        var spans = files.Select((file, index) => (file, Span: FingerprintOf([file], reading)))
            .GroupBy(each => each.Span)
            .SelectMany(same => same.Select((each, time) => (each.file, Span: time == 0 ? each.Span : $"{each.Span};{time + 1}")))
            .ToDictionary(each => each.file, each => each.Span);
        Splits = [.. _parts.Select((each, index) =>
            new Split(index, NameOf(each.File.File, each.Part), isExact ? each.Part.RowCount
                : null) { Span = spans[each.File] })];
        Fingerprint = FingerprintOf(files, reading);
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    /// <summary>The files, as the user named them, in reading order.</summary>
    public ImmutableArray<string> Files { get; }

    /// <summary>What readings so far have left out. Ask after reading.</summary>
    public BadRowReport BadRows => _badRows.Report();

    /// <summary>What the latest complete reading of a split left out.</summary>
    public BadRowReport BadRowsIn(Split split) => _badRows.Report(split.Index);

    /// <summary>Takes in what another process's reading of a split left out, as if it had been read here.</summary>
    public void Include(Split split, BadRowReport leftOut) => _badRows.Include(split.Index, _parts[split.Index].File.Path.Name, leftOut);

    /// <inheritdoc/>
    /// <exception cref="UnreadableDataException">The file has changed since it was opened, or is damaged.</exception>
    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Files are read by the caller's thread: decoding outweighs waiting, and who wants overlap reads ahead one batch.
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = Schema.Select(columns);
        if (columns.Count == 0)
        {
            yield break; // a batch without columns has no rows
        }

        var (file, part) = _parts[split.Index];
        using var tally = _badRows.Begin(split.Index, file.Path.Name);
        using var scan = file.Scan(part, Schema, wanted, tally);
        var builder = new BatchBuilder(wanted);
        while (scan.Fill(builder))
        {
            yield return builder.Batch;
            builder.Clear();
            cancellationToken.ThrowIfCancellationRequested();
        }

        _badRows.Complete(tally);
    }

    static string NameOf(DataFile file, FilePart part) => file.Parts.Count == 1
        ? file.Path.Name
        : part.RowCount is { } rows
            ? $"{file.Path.Name}, rows {part.FirstRow + 1:N0} to {part.FirstRow + rows:N0}"
            : $"{file.Path.Name}, bytes {part.FirstByte:N0} to {part.EndByte ?? file.Path.Length:N0}";

    /// <summary>Besides the files' content, what decides which rows there are and what is in them.</summary>
    static string ReadingOf(Schema schema, ReadOptions options)
    {
        var rows = options.OnBadRow switch
        {
            BadRowPolicy.FailPolicy => "all",
            BadRowPolicy.NullPolicy => "whole",
            _ => "good",
        };
        string[] dialect =
        [
            .. options.Delimiter is { } delimiter ? [$"delimiter {delimiter}"] : Array.Empty<string>(),
            .. options.Quote is not '"' ? [$"quote {options.Quote}"] : Array.Empty<string>(),
            .. options.TimestampFormat is { } format ? [$"timestamps {format}"] : Array.Empty<string>(),
            .. options.ColumnNames.Select(name => $"column {name}"),
            .. options.MissingTexts.Select(text => $"missing {text}"),
        ];
        return $"{schema}\n{rows} rows\n{string.Concat(dialect.Select(part => $"{part}\n"))}";
    }

    static string FingerprintOf(ImmutableArray<PlacedFile> files, string reading)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(reading));
        foreach (var file in files)
        {
            file.Path.AddTo(hash);
        }

        return $"files:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
