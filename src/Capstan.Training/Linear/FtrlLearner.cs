using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Linear models of one score by FTRL-Proximal with per-coordinate rates, one update per row, in the order of the rows.
/// </summary>
/// <remarks>
/// <para>Labels: as the loss accepts them. Numeric features: finite, best z-scored. The unit of a
/// label does not matter (<see cref="LinearOptions.StandardiseLabel"/>); the score to start from is the baseline's.
/// An example weight multiplies the row's gradient; weight 0 is as if the row were not there.</para>
/// <para>Far-off values: the rate of a coordinate falls with √(Σ gradient²), so a value of 10⁶ moves its weight by about α like
/// any other; gradients are cut at 10¹⁵ and regression residuals at <see cref="LinearOptions.ResidualLimit"/>, so parameters stay
/// finite. It does use up its own coordinate's rate: clip such features in the transform.</para>
/// <para>The loss that <see cref="Learn"/> returns is in the units that <see cref="Training.Loss"/> states.</para>
/// <para>Fast version of <see cref="FtrlReference"/>, equal to the bit. It turns rows around in tiles, keeps weight and √n with
/// each coordinate, and fetches coordinates some rows ahead. Allocates nothing after construction, except in
/// <see cref="Freeze"/>.</para>
/// <para>Memory: 16 bytes for each coordinate. Where there are more than 2²⁴ categories, such as the buckets of a hashed
/// cross, only
/// those that occur have one (and 16 to 32 bytes more), with the same bits; the model that <see cref="Freeze"/> makes has 4
/// bytes for each
/// category all the same: 1 GiB of 2²⁸.</para>
/// <para>Source: McMahan et al., Ad Click Prediction: a View from the Trenches, KDD 2013, Algorithm 1 (z, n, σ, w as there). We
/// differ: the bias is free of λ₁ and λ₂, example weights, and the limits above.</para>
/// </remarks>
public sealed partial class FtrlLearner : IResumableLearner, IWarmStartLearner
{
    const int TileRows = 128;

    /// <summary>With more categories only those that occur have a coordinate.</summary>
    internal const long MostDense = 1 << 24;

    // Far enough to hide a main-memory access behind the arithmetic of the rows between.
    const int PrefetchRows = 6;

    readonly FeatureLayout _layout;
    LinearTarget _target;
    readonly FtrlConstants _constants;
    readonly float _residualLimit;
    readonly int _offset;

    // The bias, then numeric features, then categories: the order of the sum.
    Coordinate[] _coordinates;
    readonly CategorySlots? _slots;
    readonly float[] _values;
    readonly int[] _active;

    /// <param name="loss">Any of one score.</param>
    /// <param name="layout">The features.</param>
    /// <param name="labels">The training labels' moments (<see cref="FeatureStore.Labels"/>, or from a sample): where to start,
    /// and the label's scale.</param>
    /// <param name="options">The rates.</param>
    /// <exception cref="ArgumentException">Options are out of range, or the layout has more categories than an array can
    /// hold.</exception>
    public FtrlLearner(Loss loss, FeatureLayout layout, in LabelMoments labels, LinearOptions options)
        : this(loss, layout, labels, options, MostDense)
    {
    }

    /// <param name="mostDense">With more categories only those that occur have a coordinate.</param>
    internal FtrlLearner(Loss loss, FeatureLayout layout, in LabelMoments labels, LinearOptions options, long mostDense)
        : this(LinearTarget.Of(OfOneScore(loss), labels, options.StandardiseLabel), layout, options, mostDense)
    {
    }

    /// <param name="target">What another learner of the same training learns.</param>
    internal FtrlLearner(LinearTarget target, FeatureLayout layout, LinearOptions options, long mostDense = MostDense)
    {
        options.Validate();

        var width = 1 + layout.Numerics.Length + layout.CategoryOffsets[^1];
        if (width > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The features have {layout.CategoryOffsets[^1]:N0} categories in all; " +
                $"a linear model holds {Array.MaxLength:N0} weights. " +
                "Use smaller vocabularies or fewer hash buckets.",
                nameof(layout));
        }

        _layout = layout;
        _target = target;
        _constants = FtrlConstants.Of(options);
        _residualLimit = options.ResidualLimit;
        _offset = OffsetFeature.IndexOf(options.Offset, layout, target.Loss);
        _slots = layout.CategoryOffsets[^1] > mostDense ? new CategorySlots() : null;
        _coordinates = new Coordinate[_slots is null ? width : 1 + layout.Numerics.Length];
        FixOffset();
        _values = new float[TileRows * layout.Numerics.Length];
        _active = new int[TileRows * layout.Categories.Length];
    }

    public Loss Loss => _target.Loss;

    public double Learn(TrainingBatch batch)
    {
        BatchChecks.CheckLayout(batch, _layout);
        return Pass(batch, []);
    }

    static Loss OfOneScore(Loss loss) => loss.Output.Width == 1
        ? loss
        : throw new ArgumentException(
            $"The loss has {loss.Output.Width} scores for a row; here it has one. Use {nameof(SoftmaxFtrlLearner)}.", nameof(loss));

    /// <param name="slopes">[rows], to be computed in place of learning; none to learn.</param>
    double Pass(TrainingBatch batch, Span<float> slopes)
    {
        return _target.Loss switch
        {
            Loss.Logistic => Pass(batch, slopes, new LogisticPointLoss()),
            Loss.Squared => Pass(batch, slopes, new SquaredPointLoss(_residualLimit)),
            Loss.Huber huber => Pass(batch, slopes, new HuberPointLoss((float)(huber.Delta / _target.Scale))),
            Loss.Absolute => Pass(batch, slopes, new QuantilePointLoss(1f, 1f)),
            Loss.Quantile quantile =>
                Pass(batch, slopes, new QuantilePointLoss((float)(1 - quantile.Probability), (float)quantile.Probability)),
            Loss.Poisson => Pass(batch, slopes, new PoissonPointLoss()),
            Loss.Gamma => Pass(batch, slopes, new GammaPointLoss()),
            var other => throw new UnreachableException(other.GetType().Name),
        };
    }

    /// <summary>An offset counts as it is in label units, whatever the unit that is learned.</summary>
    void FixOffset()
    {
        if (_offset >= 0)
        {
            _coordinates[1 + _offset] = new Coordinate { W = 1f / _target.Scale };
        }
    }

    double Pass<TLoss>(TrainingBatch batch, Span<float> slopes, TLoss loss)
        where TLoss : struct, IPointLoss
    {
        double lossSum = 0;
        for (var start = 0; start < batch.RowCount; start += TileRows)
        {
            var count = Math.Min(TileRows, batch.RowCount - start);
            Turn(batch.Features, start, count);
            var tile = slopes.IsEmpty ? slopes : slopes.Slice(start, count);
            lossSum += LearnTile(batch.Labels.Slice(start, count), batch.Weights.Slice(start, count), tile, loss);
        }

        return lossSum * _target.LossUnit<TLoss>();
    }

    /// <summary>
    /// Lays a tile out row by row: values [count × numerics] and coordinates [count × categories], all within the table.
    /// </summary>
    void Turn(FeatureBuffer features, int start, int count)
    {
        var width = _layout.Numerics.Length;
        for (var index = 0; index < width; index++)
        {
            var column = features.Numeric(index).Slice(start, count);
            var at = index;
            foreach (var value in column)
            {
                _values[at] = value;
                at += width;
            }
        }

        var groups = _layout.Categories.Length;
        for (var index = 0; index < groups; index++)
        {
            var column = features.Category(index).Slice(start, count);
            var (first, offset) = (1 + width, (int)_layout.CategoryOffsets[index]);
            var slots = _slots;
            var cardinality = (uint)_layout.Categories[index].Cardinality;
            var at = index;
            foreach (var category in column)
            {
                if ((uint)category >= cardinality)
                {
                    BatchChecks.ThrowUnknownCategory(_layout.Categories[index], category);
                }

                _active[at] = first + (slots is null ? offset + category : slots.SlotOf(offset + category));
                at += groups;
            }
        }

        Reserve();
    }

    unsafe double LearnTile<TLoss>(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes, TLoss pointLoss)
        where TLoss : struct, IPointLoss
    {
        var constants = _constants;
        var center = _target.ScoreCenter;
        var (labelCenter, inverseScale) = (_target.LabelCenter, 1f / _target.Scale);
        var width = _layout.Numerics.Length;
        var groups = _layout.Categories.Length;
        double lossSum = 0;
        fixed (Coordinate* coordinates = _coordinates)
        {
            var numerics = coordinates + 1;
            var (offset, unlearned) = (_offset, _offset < 0 ? default : numerics[_offset]);
            for (var row = 0; row < labels.Length; row++)
            {
                var values = _values.AsSpan(row * width, width);
                var active = _active.AsSpan(row * groups, groups);
                if (Sse.IsSupported && row + PrefetchRows < labels.Length)
                {
                    foreach (var coordinate in _active.AsSpan((row + PrefetchRows) * groups, groups))
                    {
                        Sse.Prefetch0(coordinates + coordinate);
                    }
                }

                var score = center + coordinates->W;
                for (var index = 0; index < values.Length; index++)
                {
                    score += values[index] * numerics[index].W;
                }

                foreach (var coordinate in active)
                {
                    score += coordinates[coordinate].W;
                }

                var label = (labels[row] - labelCenter) * inverseScale;
                var slope = pointLoss.Slope(score, label, out var loss);
                lossSum += (double)weights[row] * loss;
                var g = weights[row] * slope;
                if (!slopes.IsEmpty)
                {
                    slopes[row] = g;
                    continue;
                }

                coordinates->Update(g, constants, 0f, 0f);
                for (var index = 0; index < values.Length; index++)
                {
                    numerics[index].Update(g * values[index], constants, constants.L1, constants.L2);
                }

                if (offset >= 0)
                {
                    numerics[offset] = unlearned;
                }

                foreach (var coordinate in active)
                {
                    coordinates[coordinate].Update(g, constants, constants.L1, constants.L2);
                }
            }
        }

        return lossSum;
    }
}
