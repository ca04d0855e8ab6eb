using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The features of a source's rows as columns, named as in the layout: numeric ones as numbers, categories as integers from 0 to
/// cardinality − 1, all present; after raw columns that are kept. Row for row what the model sees, to the bit.
/// </summary>
public sealed class TransformedSource : IFeatureSource
{
    readonly IBatchSource _source;
    readonly FrozenTransform _transform;
    readonly ImmutableArray<string> _keep;

    /// <param name="keep">Raw columns to put before the features.</param>
    /// <exception cref="UnknownColumnException">
    /// The source lacks a column that the transform reads or that is to be kept.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A column to keep is named twice or like a feature, or a column has another type than the transform reads.
    /// </exception>
    public TransformedSource(IBatchSource source, FrozenTransform transform, IReadOnlyList<string> keep)
    {
        var columns = FeatureColumns.Of(source.Schema, transform, keep);
        (_source, _transform, _keep) = (source, transform, columns.Keep);
        (Schema, FeatureNames) = (columns.Schema, columns.Features);
        Splits =
        [
            .. source.Splits.Select(split => split with
            {
                Span = split.Span is { } span ? $"{span} by {transform.Hash.Short}" : null,
            }),
        ];
    }

    public Schema Schema { get; }

    /// <inheritdoc/>
    public ImmutableArray<string> FeatureNames { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint => $"{_source.Fingerprint} by {_transform.Hash.Short}";

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Schema.Select(columns);
        var features = new FeatureBuffer(_transform.Output);
        var computed = new BatchBuilder(Schema.Select(FeatureNames));
        var workspace = _transform.CreateWorkspace();
        string[] read = [.. columns.Where(_keep.Contains).Concat(_transform.Input.Names).Distinct(StringComparer.Ordinal)];
        await foreach (var batch in _source.ReadAsync(split, read, cancellationToken))
        {
            _transform.Apply(batch, features, workspace);
            Fill(computed, features);
            yield return new ColumnBatch(
                wanted, [.. columns.Select(name => _keep.Contains(name) ? batch[name] : computed.Batch[name])]);
        }
    }

    void Fill(BatchBuilder computed, FeatureBuffer features)
    {
        computed.Clear();
        var numerics = _transform.Output.Numerics.Length;
        var computedCount = numerics + _transform.Output.Categories.Length;
        for (var index = 0; index < computed.Columns.Length; index++)
        {
            if (index < numerics)
            {
                foreach (var value in features.Numeric(index))
                {
                    computed.Columns[index].Append((double)value);
                }
            }
            else if (index >= computedCount)
            {
                computed.Columns[index].AppendRange(features.Passed[computed.Batch.Schema.Fields[index].Name], 0, features.RowCount);
            }
            else
            {
                foreach (var value in features.Category(index - numerics))
                {
                    computed.Columns[index].Append((long)value);
                }
            }
        }
    }
}
