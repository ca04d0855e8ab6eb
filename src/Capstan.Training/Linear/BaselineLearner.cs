using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Learns the best prediction that looks at no feature: the mean, the median, a quantile or the classes' shares of the labels, as the
/// loss asks for. One pass is enough.
/// </summary>
/// <remarks>Quantiles are within the rank error of <see cref="WeightedQuantileSketch"/>; Huber's loss gets the median.</remarks>
/// <param name="offset">The name of a numeric feature that is added to every score as it is; null for none. The log loss takes none here:
/// its best constant has no closed form.</param>
public sealed class BaselineLearner(Loss loss, FeatureLayout layout, string? offset = null) : IResumableLearner
{
    readonly double[] _classWeights = new double[loss.Output.Link == Link.Softmax ? loss.Output.Width : 0];
    readonly int _offset = loss is Loss.Logistic && offset is not null
        ? throw new ArgumentException("A baseline of two classes takes no offset; use a linear classifier.", nameof(offset))
        : OffsetFeature.IndexOf(offset, layout, loss);
    WeightedQuantileSketch _quantiles = new();
    LabelMoments _moments;

    public Loss Loss => loss;

    /// <inheritdoc/>
    public double Learn(TrainingBatch batch)
    {
        BatchChecks.CheckLayout(batch, layout);
        var scores = Scores();
        var sum = 0.0;
        for (var row = 0; row < batch.RowCount; row++)
        {
            ReadOnlySpan<float> score = _offset < 0 ? scores : [scores[0] + batch.Features.Numeric(_offset)[row]];
            sum += batch.Weights[row] * loss.Of(score, batch.Labels[row]);
        }

        Observe(batch);
        return sum;
    }

    public IPredictor Freeze()
    {
        var width = loss.Output.Width;
        var numerics = new float[layout.Numerics.Length * width];
        if (_offset >= 0)
        {
            numerics[_offset] = 1f;
        }

        return new LinearPredictor(
            loss.Output, layout, [.. Scores()], [.. numerics], [.. new float[layout.CategoryOffsets[^1] * width]]);
    }

    public void Save(CheckpointWriter state)
    {
        state.Number(121, _moments.RowCount);
        state.Double(122, _moments.WeightSum);
        state.Double(123, _moments.Mean);
        state.Double(124, _moments.SquaredDeviations);
        state.Bytes(125, _quantiles.ToBytes());
        state.Bytes(126, MemoryMarshal.AsBytes(_classWeights.AsSpan()));
    }

    public void Restore(CheckpointReader state)
    {
        _moments = new LabelMoments(state.Number(121, 0, long.MaxValue), state.Double(122), state.Double(123), state.Double(124));
        _quantiles = StoredState.FromBytes<WeightedQuantileSketch>(state.Bytes(125));
        var weights = state.Bytes(126);
        if (weights.Length != _classWeights.Length * sizeof(double))
        {
            throw new CorruptStateException("checkpoint", $"it has {weights.Length / sizeof(double)} classes, expected {_classWeights.Length}");
        }

        weights.CopyTo(MemoryMarshal.AsBytes(_classWeights.AsSpan()));
    }

    void Observe(TrainingBatch batch)
    {
        _moments = _moments.Merge(
            _offset < 0 ? LabelMoments.Of(batch.Labels, batch.Weights) : OffsetFeature.Moments(loss, batch, _offset));
        for (var row = 0; row < batch.RowCount; row++)
        {
            if (_classWeights.Length > 0)
            {
                _classWeights[(int)batch.Labels[row]] += batch.Weights[row];
            }
            else if (QuantileWanted is not null)
            {
                _quantiles.Observe(batch.Labels[row], batch.Weights[row]);
            }
        }
    }

    double? QuantileWanted => loss switch
    {
        Loss.Absolute or Loss.Huber => 0.5,
        Loss.Quantile quantile => quantile.Probability,
        _ => null,
    };

    float[] Scores()
    {
        if (_classWeights.Length > 0)
        {
            // Half an example short of a share of 0, as in Baseline.Score.
            var total = _classWeights.Sum() + 0.5 * _classWeights.Length;
            return [.. _classWeights.Select(weight => (float)Math.Log((weight + 0.5) / total))];
        }

        return QuantileWanted is { } wanted && _moments.WeightSum > 0
            ? [(float)_quantiles.Quantile(wanted)]
            : [Baseline.Score(loss.Output, _moments)];
    }
}
