using System.Collections.Immutable;
using Apache.Arrow;

namespace Capstan.Data.Arrow;

/// <summary>Apache Arrow record batches that are in memory, as one split. They are read where they are, and not copied.</summary>
public sealed class ArrowSource : IBatchSource
{
    const int BatchRows = 8192;

    readonly ImmutableArray<RecordBatch> _batches;
    readonly Lazy<string> _fingerprint;

    /// <param name="batches">With one schema; they must stay as they are, and not be disposed of, while they are read.</param>
    /// <exception cref="ArgumentException">There is no batch, or the batches differ in their columns.</exception>
    /// <exception cref="UnreadableDataException">A column is of a type that can't be read, such as a structure.</exception>
    public ArrowSource(IEnumerable<RecordBatch> batches)
    {
        _batches = [.. batches];
        if (_batches.IsEmpty)
        {
            throw new ArgumentException("There is no record batch, and so no column; give at least one.", nameof(batches));
        }

        Schema = ArrowSchemas.Read(_batches[0].Schema, "Arrow record batches");
        for (var index = 1; index < _batches.Length; index++)
        {
            if (ArrowSchemas.Read(_batches[index].Schema, "Arrow record batches") is var other && !other.Equals(Schema))
            {
                throw new ArgumentException(
                    $"Record batch {index + 1} has the columns {other}; the first has {Schema}.", nameof(batches));
            }
        }

        Splits = [new Split(0, "Arrow record batches", _batches.Sum(batch => (long)batch.Length))];
        _fingerprint = new Lazy<string>(() => $"arrow:{RowDigest.Of(Schema, Decode(Schema)).Short}");
    }

    public Schema Schema { get; }

    public IReadOnlyList<Split> Splits { get; }

    /// <summary>Of all values; computed when first asked for.</summary>
    public string Fingerprint => _fingerprint.Value;

    public IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, CancellationToken cancellationToken) =>
        Decode(Schema.Select(columns)).ReadAsync(cancellationToken);

    IEnumerable<ColumnBatch> Decode(Schema wanted)
    {
        var builder = new BatchBuilder(wanted);
        ArrowDecoder[] decoders = [.. wanted.Fields.Select(field => new ArrowDecoder(field.Type))];
        foreach (var batch in _batches)
        {
            IArrowArray[] arrays = [.. wanted.Names.Select(name => batch.Column(Schema.IndexOf(name)))];
            for (var start = 0; arrays.Length > 0 && start < batch.Length; start += BatchRows)
            {
                builder.Clear();
                for (var index = 0; index < arrays.Length; index++)
                {
                    decoders[index].Append(
                        arrays[index], start, Math.Min(BatchRows, batch.Length - start), builder.Columns[index]);
                }

                yield return builder.Batch;
            }
        }
    }
}
