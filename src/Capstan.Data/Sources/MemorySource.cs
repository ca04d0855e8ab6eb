using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

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
        _fingerprint = new Lazy<string>(() => $"memory:{HashOf(schema, _batches).Short}");
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    /// <summary>Of all values; computed when first asked for.</summary>
    public string Fingerprint => _fingerprint.Value;

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

    static ContentHash HashOf(Schema schema, ImmutableArray<ColumnBatch> batches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(schema.ToString()));
        foreach (var column in batches.SelectMany(batch => batch.Columns))
        {
            hash.AppendData(MemoryMarshal.AsBytes(column.Validity));
            hash.AppendData(column.Type switch
            {
                DataType.Float64 => MemoryMarshal.AsBytes(column.Float64s),
                DataType.Boolean => MemoryMarshal.AsBytes(column.Booleans),
                DataType.Text => MemoryMarshal.AsBytes(column.TextOffsets),
                _ => MemoryMarshal.AsBytes(column.Int64s),
            });
            hash.AppendData(column.Type == DataType.Text ? column.TextBytes : []);
        }

        return new ContentHash(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
