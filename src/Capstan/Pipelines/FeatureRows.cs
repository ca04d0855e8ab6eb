using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>Reads raw rows and turns them into training batches: features by the frozen transform, labels, weights.</summary>
/// <param name="loss">Says what labels can be.</param>
sealed partial class FeatureRows(FrozenTransform transform, Expr label, Expr? weight, Loss loss, Schema schema)
{
    readonly FrozenExpression _label = new(schema, label);
    readonly FrozenExpression? _weight = weight is null ? null : new FrozenExpression(schema, weight);

    readonly FrozenExpression? _offset;

    /// <summary>Must not be missing in a row that is learned from; null for none.</summary>
    public Expr? Offset
    {
        init => _offset = value is null ? null : new FrozenExpression(schema, value);
    }

    public FeatureLayout Layout => transform.Output;

    /// <summary>Takes a sample of the rows that are read; null for none.</summary>
    public ReferenceSample? Sample { get; init; }

    /// <summary>Rows left out so far because their label was missing, or none of the classes.</summary>
    public long RowsWithoutLabel { get; private set; }

    public IReadOnlyList<string> Columns =>
        [.. transform.Input.Names.Concat(_label.Columns).Concat(_weight?.Columns ?? []).Concat(_offset?.Columns ?? [])
            .Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Batches in the order of the rows, each valid until the next is asked for; rows without a label are left out and counted.
    /// </summary>
    /// <param name="threads">How many splits are read at a time, 1 or more; changes no result.</param>
    /// <exception cref="PipelineException">A weight is negative or missing, an offset is missing, or the loss has no use for a label.</exception>
    public async IAsyncEnumerable<TrainingBatch> ReadAsync(
        IBatchSource source, int threads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = new OrderedRead<LabeledRows>(source, Columns, threads, Begin, rows => rows.Batch.RowCount * BytesPerRow);
        await foreach (var batch in TakeAsync(read.ReadAsync(cancellationToken)))
        {
            yield return batch;
        }
    }

    async IAsyncEnumerable<TrainingBatch> TakeAsync(IAsyncEnumerable<LabeledRows> read)
    {
        await foreach (var rows in read)
        {
            RowsWithoutLabel += rows.LeftOut;
            if (rows.Batch.RowCount > 0)
            {
                Sample?.Observe(rows.Batch);
                yield return rows.Batch;
            }
        }
    }

    /// <summary>The labels of the first rows, at least as many as asked unless there are fewer.</summary>
    /// <param name="momentsOf">The moments of a batch: those of its labels, or of what else learning starts from.</param>
    public async Task<LabelMoments> ReadLabelsAsync(
        IBatchSource source, long rowCount, Func<TrainingBatch, LabelMoments> momentsOf, CancellationToken cancellationToken)
    {
        var moments = default(LabelMoments);
        await foreach (var batch in ReadAsync(source, 1, cancellationToken))
        {
            moments = moments.Merge(momentsOf(batch));
            if (moments.RowCount >= rowCount)
            {
                break;
            }
        }

        return moments;
    }

    long BytesPerRow => sizeof(float) * (transform.Output.Numerics.Length + transform.Output.Categories.Length + 2L);

    /// <summary>What makes training rows of raw ones, with memory of its own.</summary>
    Func<ColumnBatch, LabeledRows?, LabeledRows> Begin()
    {
        var compute = BeginComputing();
        return (batch, used) =>
        {
            var result = used ?? new LabeledRows(new TrainingBatch(transform.Output));
            var (labels, weights) = compute(batch, result.Batch);
            result.LeftOut = batch.RowCount - Keep(result, labels, weights, batch);
            return result;
        };
    }

    /// <summary>What computes features of raw rows, with or without a label; gives their labels and weights, valid until the next call.</summary>
    Func<ColumnBatch, TrainingBatch, (double[] Labels, double[] Weights)> BeginComputing()
    {
        var workspace = transform.CreateWorkspace();
        var (labelWorkspace, weightWorkspace) = (_label.CreateWorkspace(), _weight?.CreateWorkspace());
        var offsetWorkspace = _offset?.CreateWorkspace();
        var (labels, weights) = (Array.Empty<double>(), Array.Empty<double>());
        return (batch, result) =>
        {
            if (labels.Length < batch.RowCount)
            {
                (labels, weights) = (new double[batch.RowCount], new double[batch.RowCount]);
                Array.Fill(weights, 1);
            }

            _label.Apply(batch, labels, labelWorkspace);
            _weight?.Apply(batch, weights, weightWorkspace!); // made together
            CheckOffset(batch, labels, offsetWorkspace);
            result.Resize(batch.RowCount);
            transform.Apply(batch, result.Features, workspace);
            return (labels, weights);
        };
    }

    /// <summary>Writes labels and weights, closing up over rows without a label; returns the rows that stay.</summary>
    int Keep(LabeledRows rows, double[] labels, double[] weights, ColumnBatch raw)
    {
        var (result, passed, kept) = (rows.Batch, rows.Passed, 0);
        passed.Clear();
        for (var row = 0; row < raw.RowCount; row++)
        {
            if (!IsLabel((float)labels[row]))
            {
                continue;
            }

            CheckWeight(weights[row]);
            if (kept != row)
            {
                Move(result.Features, row, kept);
            }

            Pass(raw, row, passed);
            result.Labels[kept] = (float)labels[row];
            result.Weights[kept] = (float)weights[row];
            kept++;
        }

        result.Truncate(kept);
        result.Features.Passed = passed.Batch;
        return kept;
    }

    /// <summary>In a prediction a missing offset is 0, as every missing number; nothing should be learned from one.</summary>
    void CheckOffset(ColumnBatch batch, double[] labels, TransformWorkspace? workspace)
    {
        if (_offset is null || workspace is null)
        {
            return;
        }

        var offsets = new double[batch.RowCount];
        _offset.Apply(batch, offsets, workspace);
        for (var row = 0; row < offsets.Length; row++)
        {
            if (double.IsNaN(offsets[row]) && float.IsFinite((float)labels[row]))
            {
                throw new PipelineException(
                    [$"offset: {_offset.Expr} is missing in a row; impute it, or leave such rows out with the filter"]);
            }
        }
    }

    bool IsLabel(float label)
    {
        if (!float.IsFinite(label))
        {
            return false;
        }

        if (loss.Accepts(label))
        {
            return true;
        }

        return loss is Loss.Softmax ? false : throw new PipelineException(
        [
            $"label: a row has the label {label}, and the loss {LossText.Of(loss)} expects {loss.Labels}. " +
            "Choose another loss, or leave such rows out with the filter",
        ]);
    }

    /// <exception cref="PipelineException">A weight is negative or missing.</exception>
    public static void CheckWeight(double weight)
    {
        if (!(weight >= 0))
        {
            throw new PipelineException(
                [$"weight: a row has the weight {weight}; weights are 0 or more. Impute or clip the weight expression."]);
        }
    }

    static void Move(FeatureBuffer features, int from, int to)
    {
        for (var index = 0; index < features.Layout.Numerics.Length; index++)
        {
            features.Numeric(index)[to] = features.Numeric(index)[from];
        }

        for (var index = 0; index < features.Layout.Categories.Length; index++)
        {
            features.Category(index)[to] = features.Category(index)[from];
        }
    }

    static void Pass(ColumnBatch raw, int row, BatchBuilder passed)
    {
        for (var index = 0; index < passed.Columns.Length; index++)
        {
            passed.Columns[index].AppendFrom(raw[passed.Batch.Schema.Fields[index].Name], row);
        }
    }

    sealed class LabeledRows(TrainingBatch batch)
    {
        public TrainingBatch Batch => batch;

        /// <summary>How many rows without a label there were besides.</summary>
        public int LeftOut { get; set; }

        /// <summary>What the rows that stay pass on: a copy, as raw rows are gone when the next are read.</summary>
        public BatchBuilder Passed { get; } = new(batch.Features.Layout.Passed);
    }
}
