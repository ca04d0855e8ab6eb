using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>Batches that are already in memory, as one split.</summary>
public sealed class MemorySource : IBatchSource
{
    readonly ImmutableArray<ColumnBatch> _batches;
    readonly Lazy<string> _fingerprint;

    /// <param name="schema">The schema of every batch.</param>
    /// <param name="batches">Batches that nobody refills any more.</param>
    public MemorySource(Schema schema, IEnumerable<ColumnBatch> batches)
    {
        Schema = schema;
        _batches = [.. batches];
        Splits = [new Split(0, "memory", _batches.Sum(batch => (long)batch.RowCount))];
        _fingerprint = new Lazy<string>(() => $"memory:{RowDigest.Of(schema, _batches).Short}");
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    /// <summary>Of all values; computed when first asked for.</summary>
    public string Fingerprint => _fingerprint.Value;

    public IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var wanted = Schema.Select(columns);
        return _batches.Select(batch => new ColumnBatch(wanted, [.. columns.Select(name => batch[name])]))
            .ReadAsync(cancellationToken);
    }
}
