using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Data.DuckDb;

/// <summary>
/// CSV, Parquet, JSON lines and Arrow files as one data set: made by <see cref="DataFiles.OpenAsync"/>. Every reading gives the
/// same rows in the same order, whichever columns are asked for. Splits may be read at the same time.
/// </summary>
public sealed class FileSource : IBatchSource
{
    readonly ImmutableArray<(PlacedFile File, FilePart Part)> _parts;
    readonly BadRowLedger _badRows;

    internal FileSource(ImmutableArray<PlacedFile> files, Schema schema, ReadOptions options)
    {
        Schema = schema;
        Files = [.. files.Select(file => file.Path.Name)];
        _parts = [.. files.SelectMany(file => file.File.Parts.Select(part => (file, part)))];
        _badRows = new BadRowLedger(options.OnBadRow);
        // Rows that may be left out are not counted before they are read.
        var isExact = options.OnBadRow is BadRowPolicy.FailPolicy;
        Splits = [.. _parts.Select((each, index) =>
            new Split(index, NameOf(each.File.File, each.Part), isExact ? each.Part.RowCount : null))];
        Fingerprint = FingerprintOf(files, schema, options);
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    /// <summary>The files, as the user named them, in reading order.</summary>
    public ImmutableArray<string> Files { get; }

    /// <summary>What readings so far have left out. Ask after reading.</summary>
    public BadRowReport BadRows => _badRows.Report();

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
        : $"{file.Path.Name}, rows {part.FirstRow + 1:N0} to {part.FirstRow + part.RowCount:N0}";

    /// <summary>
    /// Besides the files it names the schema and whether rows are left out, for these decide which rows there are.
    /// </summary>
    static string FingerprintOf(ImmutableArray<PlacedFile> files, Schema schema, ReadOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = options.OnBadRow switch
        {
            BadRowPolicy.FailPolicy => "all",
            BadRowPolicy.NullPolicy => "whole",
            _ => "good",
        };
        hash.AppendData(Encoding.UTF8.GetBytes($"{schema}\n{rows} rows\n"));
        foreach (var file in files)
        {
            file.Path.AddTo(hash);
        }

        return $"files:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
