using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// The features of a source's rows as columns, named as in the layout: numeric ones as numbers, categories as integers from 0 to
/// cardinality − 1, all present; after raw columns that are kept. Row for row what the model sees, to the bit.
/// </summary>
public sealed class TransformedSource : IBatchSource
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
        foreach (var field in transform.Input.Fields.Where(field => source.Schema[field.Name] != field))
        {
            throw new ArgumentException(
                $"Column '{field.Name}' is {Schema.NameOf(source.Schema[field.Name].Type)}; " +
                $"the features are made from one of type {Schema.NameOf(field.Type)}. Declare the column's type.",
                nameof(source));
        }

        _source = source;
        _transform = transform;
        _keep = [.. keep];
        Field[] fields =
        [
            .. keep.Select(name => source.Schema[name]),
            .. transform.Output.Numerics.Select(feature => new Field(feature.Name, DataType.Float64)),
            .. transform.Output.Categories.Select(feature => new Field(feature.Name, DataType.Int64)),
        ];
        if (fields.GroupBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"The column '{twice.Key}' would be there twice, as a raw column and as a feature, or kept twice; " +
                "keep it once, or give the feature another name.", nameof(keep));
        }

        Schema = new Schema(fields);
        Splits =
        [
            .. source.Splits.Select(split => split with
            {
                Span = split.Span is { } span ? $"{span} by {transform.Hash.Short}" : null,
            }),
        ];
        FeatureNames = [.. fields.Skip(keep.Count).Select(field => field.Name)];
    }

    public Schema Schema { get; }

    /// <summary>
    /// In the order of <see cref="Schema"/>. Their values are single-precision numbers, or integers of 32 bits.
    /// </summary>
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
        for (var index = 0; index < computed.Columns.Length; index++)
        {
            if (index < numerics)
            {
                foreach (var value in features.Numeric(index))
                {
                    computed.Columns[index].Append((double)value);
                }
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
