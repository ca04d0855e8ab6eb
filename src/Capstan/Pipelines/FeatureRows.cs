using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Training;

namespace Capstan;

/// <summary>Reads raw rows and turns them into training batches: features by the frozen transform, labels, weights.</summary>
/// <param name="loss">Says what labels can be.</param>
sealed class FeatureRows(FrozenTransform transform, Expr label, Expr? weight, Loss loss, Schema schema)
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

    /// <summary>Rows left out so far because their label was missing, or none of the classes.</summary>
    public long RowsWithoutLabel { get; private set; }

    public IReadOnlyList<string> Columns =>
        [.. transform.Input.Names.Concat(_label.Columns).Concat(_weight?.Columns ?? []).Concat(_offset?.Columns ?? [])
            .Distinct(StringComparer.Ordinal)];

    /// <summary>One batch object, refilled each time; rows without a label are left out and counted.</summary>
    /// <exception cref="PipelineException">
    /// A weight is negative or missing, an offset is missing, or the loss has no use for a label.
    /// </exception>
    public async IAsyncEnumerable<TrainingBatch> ReadAsync(
        IBatchSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var workspace = transform.CreateWorkspace();
        var (labelWorkspace, weightWorkspace) = (_label.CreateWorkspace(), _weight?.CreateWorkspace());
        var (labels, weights) = (Array.Empty<double>(), Array.Empty<double>());
        var result = new TrainingBatch(transform.Output);
        await foreach (var batch in source.ReadAllAsync(Columns, cancellationToken))
        {
            if (labels.Length < batch.RowCount)
            {
                (labels, weights) = (new double[batch.RowCount], new double[batch.RowCount]);
                Array.Fill(weights, 1);
            }

            _label.Apply(batch, labels, labelWorkspace);
            _weight?.Apply(batch, weights, weightWorkspace!); // made together
            result.Resize(batch.RowCount);
            transform.Apply(batch, result.Features, workspace);
            CheckOffset(batch, labels);
            var kept = Keep(result, labels, weights, batch.RowCount);
            RowsWithoutLabel += batch.RowCount - kept;
            if (kept > 0)
            {
                yield return result;
            }
        }
    }

    /// <summary>The labels of the first rows, at least as many as asked unless there are fewer.</summary>
    /// <param name="momentsOf">The moments of a batch: those of its labels, or of what else learning starts from.</param>
    public async Task<LabelMoments> ReadLabelsAsync(
        IBatchSource source, long rowCount, Func<TrainingBatch, LabelMoments> momentsOf, CancellationToken cancellationToken)
    {
        var moments = default(LabelMoments);
        await foreach (var batch in ReadAsync(source, cancellationToken))
        {
            moments = moments.Merge(momentsOf(batch));
            if (moments.RowCount >= rowCount)
            {
                break;
            }
        }

        return moments;
    }

    /// <summary>Writes labels and weights, closing up over rows without a label; returns the rows that stay.</summary>
    int Keep(TrainingBatch result, double[] labels, double[] weights, int rows)
    {
        var kept = 0;
        for (var row = 0; row < rows; row++)
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

            result.Labels[kept] = (float)labels[row];
            result.Weights[kept] = (float)weights[row];
            kept++;
        }

        result.Truncate(kept);
        return kept;
    }

    /// <summary>In a prediction a missing offset is 0, as every missing number; nothing should be learned from one.</summary>
    void CheckOffset(ColumnBatch batch, double[] labels)
    {
        if (_offset is null)
        {
            return;
        }

        var offsets = new double[batch.RowCount];
        _offset.Apply(batch, offsets, _offset.CreateWorkspace());
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
}
