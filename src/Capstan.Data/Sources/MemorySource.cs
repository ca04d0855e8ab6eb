using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>Batches that are already in memory, as one split.</summary>
public sealed class MemorySource : IBatchSource
{
    readonly ImmutableArray<ColumnBatch> _batches;

    /// <param name="schema">The schema of every batch.</param>
    /// <param name="batches">Batches that nobody refills any more.</param>
    public MemorySource(Schema schema, IEnumerable<ColumnBatch> batches)
    {
        Schema = schema;
        _batches = [.. batches];
        var rows = _batches.Sum(batch => (long)batch.RowCount);
        Splits = [new Split(0, "memory", rows)];
        Fingerprint = $"memory:{rows}:{SchemaHash(schema):x}";
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var wanted = Schema.Select(columns);
        foreach (var batch in _batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ColumnBatch(wanted, [.. columns.Select(name => batch[name])]);
        }
    }

    static uint SchemaHash(Schema schema) => MurmurHash3.Hash32(System.Text.Encoding.UTF8.GetBytes(schema.ToString()), 0);
}
