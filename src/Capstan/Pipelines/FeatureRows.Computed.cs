using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>Training rows that are computed by others: on their way they are columns of words of 64 bits, two values in each.</summary>
sealed partial class FeatureRows
{
    /// <summary>The rows of a source with their features, labels and weights computed; those without a label, too.</summary>
    public IBatchSource Computed(IBatchSource source) => new ComputedSource(this, source);

    /// <summary>The batches that <see cref="ReadAsync(IBatchSource, int, CancellationToken)"/> gives, computed by others.</summary>
    public IAsyncEnumerable<TrainingBatch> ReadAsync(IBatchSource source, ISplitPool pool, CancellationToken cancellationToken) =>
        TakeAsync(TakenUpAsync(Computed(source), pool, cancellationToken));

    async IAsyncEnumerable<LabeledRows> TakenUpAsync(
        IBatchSource computed, ISplitPool pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = new LabeledRows(new TrainingBatch(transform.Output));
        await foreach (var batch in RowsTask.ReadAllAsync(computed, [.. computed.Schema.Names], pool, null, cancellationToken))
        {
            rows.Batch.Resize(batch.RowCount);
            var (labels, weights) = Unpack(batch, rows.Batch);
            rows.LeftOut = batch.RowCount - Keep(rows, labels, weights, batch);
            yield return rows;
        }
    }

    int Values => transform.Output.Numerics.Length + transform.Output.Categories.Length + 2;

    /// <summary>Numbers, categories, the label and the weight of each row, as the bits that they have.</summary>
    void Pack(TrainingBatch batch, double[] labels, double[] weights, BatchBuilder words)
    {
        words.Clear();
        for (var word = 0; word < words.Columns.Length; word++)
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                var (low, high) = (BitsOf(2 * word, row), 2 * word + 1 < Values ? BitsOf(2 * word + 1, row) : 0);
                words.Columns[word].Append((long)((ulong)(uint)high << 32 | (uint)low));
            }
        }

        int BitsOf(int value, int row)
        {
            var (numerics, categories) = (transform.Output.Numerics.Length, transform.Output.Categories.Length);
            return value < numerics ? BitConverter.SingleToInt32Bits(batch.Features.Numeric(value)[row])
                : value < numerics + categories ? batch.Features.Category(value - numerics)[row]
                : BitConverter.SingleToInt32Bits((float)(value == numerics + categories ? labels : weights)[row]);
        }
    }

    (double[] Labels, double[] Weights) Unpack(ColumnBatch words, TrainingBatch batch)
    {
        var (labels, weights) = (new double[batch.RowCount], new double[batch.RowCount]);
        var (numerics, categories) = (transform.Output.Numerics.Length, transform.Output.Categories.Length);
        for (var value = 0; value < Values; value++)
        {
            var bits = words.Columns[value / 2].Int64s;
            for (var row = 0; row < batch.RowCount; row++)
            {
                var own = (int)(value % 2 == 0 ? bits[row] : bits[row] >> 32);
                if (value < numerics)
                {
                    batch.Features.Numeric(value)[row] = BitConverter.Int32BitsToSingle(own);
                }
                else if (value < numerics + categories)
                {
                    batch.Features.Category(value - numerics)[row] = own;
                }
                else
                {
                    (value == numerics + categories ? labels : weights)[row] = BitConverter.Int32BitsToSingle(own);
                }
            }
        }

        return (labels, weights);
    }

    sealed class ComputedSource : IBatchSource
    {
        readonly FeatureRows _rows;
        readonly IBatchSource _source;

        public ComputedSource(FeatureRows rows, IBatchSource source)
        {
            (_rows, _source) = (rows, source);
            Schema = new Schema(Enumerable.Range(0, (rows.Values + 1) / 2).Select(word => new Field($"{word}", DataType.Int64)));
            Splits = [.. source.Splits.Select(split => split with { Span = null })];
            Fingerprint = string.Join('\n', source.Fingerprint, rows.Transform.Hash, rows._label.Expr, rows._weight?.Expr, rows._offset?.Expr);
        }

        public Schema Schema { get; }

        public IReadOnlyList<Split> Splits { get; }

        public string Fingerprint { get; }

        public async IAsyncEnumerable<ColumnBatch> ReadAsync(
            Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var (compute, batch, words) = (_rows.BeginComputing(), new TrainingBatch(_rows.Layout), new BatchBuilder(Schema));
            var wanted = Schema.Select(columns);
            await foreach (var raw in _source.ReadAsync(_source.Splits[split.Index], _rows.Columns, cancellationToken))
            {
                var (labels, weights) = compute(raw, batch);
                _rows.Pack(batch, labels, weights, words);
                yield return new ColumnBatch(wanted, [.. columns.Select(name => words.Batch[name])]);
            }
        }
    }

    FrozenTransform Transform => transform;
}
