using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// FTRL-Proximal as the paper writes it, row by row over two arrays z and n, each weight computed when it is needed: what
/// <see cref="FtrlLearner"/> must equal to the bit. Contract, source and differences are described there.
/// </summary>
sealed class FtrlReference(Loss loss, FeatureLayout layout, in LabelMoments labels, LinearOptions options) : ILearner
{
    readonly LinearTarget _target = LinearTarget.Of(loss, labels, options.StandardiseLabel);
    readonly FtrlConstants _constants = FtrlConstants.Of(options);
    readonly float[] _z = new float[1 + layout.Numerics.Length + layout.CategoryOffsets[^1]];
    readonly float[] _n = new float[1 + layout.Numerics.Length + layout.CategoryOffsets[^1]];

    readonly int _offset = OffsetFeature.IndexOf(options.Offset, layout, loss);

    public Loss Loss => loss;

    public double Learn(TrainingBatch batch)
    {
        BatchChecks.CheckLayout(batch, layout);
        double lossSum = 0;
        for (var start = 0; start < batch.RowCount; start += 128)
        {
            // Losses are added up by 128 rows: which bits a sum has depends on its grouping.
            double tileSum = 0;
            for (var row = start; row < Math.Min(start + 128, batch.RowCount); row++)
            {
                tileSum += LearnRow(batch, row);
            }

            lossSum += tileSum;
        }

        return lossSum * (loss switch
        {
            Loss.Squared or Loss.Huber => (double)_target.Scale * _target.Scale,
            _ => _target.Scale, // 1 where labels are not scaled
        });
    }

    public IPredictor Freeze()
    {
        var categories = Enumerable.Range(1 + layout.Numerics.Length, (int)layout.CategoryOffsets[^1]);
        return _target.Fold(
            layout,
            Weight(0),
            [.. Enumerable.Range(1, layout.Numerics.Length).Select(Weight)],
            [.. categories.Select(Weight)],
            _offset);
    }

    double LearnRow(TrainingBatch batch, int row)
    {
        var x = Active(batch.Features, row).ToArray();
        var score = _target.ScoreCenter;
        foreach (var (i, value) in x)
        {
            score += Weight(i) * value;
        }

        var label = (batch.Labels[row] - _target.LabelCenter) * (1f / _target.Scale);
        var slope = Slope(score, label, out var rowLoss);
        foreach (var (i, value) in x.Where(each => _offset < 0 || each.Coordinate != 1 + _offset))
        {
            var g = Math.Clamp(batch.Weights[row] * slope * value, -FtrlConstants.GradientLimit, FtrlConstants.GradientLimit);
            var sigma = (MathF.Sqrt(_n[i] + g * g) - MathF.Sqrt(_n[i])) * _constants.InverseAlpha;
            _z[i] += g - sigma * Weight(i);
            _n[i] += g * g;
        }

        return (double)batch.Weights[row] * rowLoss;
    }

    float Slope(float score, float label, out float rowLoss) => loss switch
    {
        Loss.Squared => new SquaredPointLoss(options.ResidualLimit).Slope(score, label, out rowLoss),
        Loss.Huber huber => new HuberPointLoss((float)(huber.Delta / _target.Scale)).Slope(score, label, out rowLoss),
        Loss.Absolute => new QuantilePointLoss(1f, 1f).Slope(score, label, out rowLoss),
        Loss.Quantile { Probability: var q } => new QuantilePointLoss((float)(1 - q), (float)q).Slope(score, label, out rowLoss),
        Loss.Poisson => new PoissonPointLoss().Slope(score, label, out rowLoss),
        Loss.Gamma => new GammaPointLoss().Slope(score, label, out rowLoss),
        _ => new LogisticPointLoss().Slope(score, label, out rowLoss),
    };

    /// <summary>The coordinates that are not 0 in a row, with their values.</summary>
    IEnumerable<(int Coordinate, float Value)> Active(FeatureBuffer features, int row)
    {
        yield return (0, 1f);
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            yield return (1 + index, features.Numeric(index)[row]);
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            var category = features.Category(index)[row];
            if ((uint)category >= (uint)layout.Categories[index].Cardinality)
            {
                BatchChecks.ThrowUnknownCategory(layout.Categories[index], category);
            }

            yield return (1 + layout.Numerics.Length + (int)layout.CategoryOffsets[index] + category, 1f);
        }
    }

    float Weight(int i)
    {
        if (_offset >= 0 && i == 1 + _offset)
        {
            return 1f / _target.Scale;
        }

        var (l1, l2) = i == 0 ? (0f, 0f) : (_constants.L1, _constants.L2);
        return MathF.Abs(_z[i]) > l1
            ? (MathF.Sign(_z[i]) * l1 - _z[i]) / ((_constants.Beta + MathF.Sqrt(_n[i])) * _constants.InverseAlpha + l2)
            : 0f;
    }
}
