using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// The rows of a source that a rule selects: for a split into training and evaluation data that every machine and every pass
/// makes alike. Two subsets whose ranges touch share no row and together hold all.
/// </summary>
/// <remarks>
/// Rows keep their order. Splits are the source's, read from the whole of it; how many rows are left only reading tells.
/// </remarks>
public sealed class RowSubset : IBatchSource
{
    const int BatchRows = 8192;

    readonly IBatchSource _source;
    readonly RowRule _rule;

    RowSubset(IBatchSource source, RowRule rule)
    {
        if (rule.Column is string column)
        {
            rule.Check(source.Schema[column]);
        }

        _source = source;
        _rule = rule;
        Splits = [.. SourceSpan.Of(source).SelectMany(SplitsOf)];
    }

    public Schema Schema => _source.Schema;

    public IReadOnlyList<Split> Splits { get; }

    internal IBatchSource Source => _source;

    internal RowRule Rule => _rule;

    public string Fingerprint => $"{_source.Fingerprint};{_rule.Fingerprint}";

    /// <summary>Selects rows by the MurmurHash3 of a key, so that rows with the same key are on the same side.</summary>
    /// <param name="keyColumn">
    /// Hashed by its value's bytes (integers and timestamps as 8 bytes little-endian, numbers as their 8 IEEE 754 bytes,
    /// booleans as one byte, text as UTF-8); a missing key is hashed as no bytes, so rows without one stay together. Null:
    /// each row is hashed by its split and its position there.
    /// </param>
    /// <param name="seed">Another seed, another selection.</param>
    /// <param name="fromPerMille">The first of the thousand equal parts selected, 0 to 1000.</param>
    /// <param name="toPerMille">The part after the last one selected, from <paramref name="fromPerMille"/> to 1000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The parts are not as described.</exception>
    /// <exception cref="UnknownColumnException">The source has no such column.</exception>
    public static RowSubset ByHash(IBatchSource source, string? keyColumn, uint seed, int fromPerMille, int toPerMille)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fromPerMille);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(toPerMille, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fromPerMille, toPerMille);
        return new RowSubset(source, new HashRule(keyColumn, seed, fromPerMille, toPerMille));
    }

    /// <summary>Selects rows by time.</summary>
    /// <param name="timeColumn">
    /// A timestamp column. A row whose time is missing counts as older than every other: it is selected where
    /// <paramref name="from"/> is null, so that it can be learned from but does not blur an evaluation on later data.
    /// </param>
    /// <param name="from">The earliest time selected, microseconds since 1970; null: from the beginning.</param>
    /// <param name="before">The time after the last one selected; null: to the end.</param>
    /// <exception cref="ArgumentException">
    /// The column is no timestamp, or <paramref name="before"/> is earlier than <paramref name="from"/>.
    /// </exception>
    /// <exception cref="UnknownColumnException">The source has no such column.</exception>
    public static RowSubset ByTime(IBatchSource source, string timeColumn, long? from, long? before) => from > before
        ? throw new ArgumentException(
            $"The rows from {TimestampText.Format(from.Value)} " +
            $"and before {TimestampText.Format(before.Value)} are none; the first must be the earlier.",
            nameof(before))
        : new RowSubset(source, new TimeRule(timeColumn, from, before));

    /// <summary>Where a row's place decides, a span's rows depend on where it stands as well.</summary>
    IEnumerable<Split> SplitsOf(SourceSpan span)
    {
        var place = _rule.Column is null ? $" from split {span.Splits[0].Index}" : "";
        return span.Splits.Select(split => split with
        {
            RowCount = null, Span = span.Fingerprint is { } rows ? $"{rows};{_rule.Fingerprint}{place}" : null,
        });
    }

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Schema.Select(columns);
        var isKeyAdded = _rule.Column is not null && wanted.IndexOf(_rule.Column) < 0;
        IReadOnlyList<string> read = isKeyAdded ? [.. columns, _rule.Column!] : columns; // a key is added only where there is one
        var builder = new BatchBuilder(wanted);
        var selected = new int[BatchRows];
        var position = 0L;
        await foreach (var batch in _source.ReadAsync(_source.Splits[split.Index], read, cancellationToken))
        {
            selected = selected.Length < batch.RowCount ? new int[batch.RowCount] : selected;
            var count = _rule.Select(split.Index, position, batch, selected);
            position += batch.RowCount;
            for (var used = 0; used < count;)
            {
                var taken = Math.Min(count - used, BatchRows - builder.Batch.RowCount);
                builder.AppendRows(batch, selected.AsSpan(used, taken));
                used += taken;
                if (builder.Batch.RowCount == BatchRows)
                {
                    yield return builder.Batch;
                    builder.Clear();
                }
            }
        }

        if (builder.Batch.RowCount > 0)
        {
            yield return builder.Batch;
        }
    }
}
