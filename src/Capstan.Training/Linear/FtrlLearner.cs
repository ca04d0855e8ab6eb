using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Linear and logistic regression by FTRL-Proximal with per-coordinate rates, one update per row, in the order of the rows.
/// </summary>
/// <remarks>
/// <para>Labels: finite values (regression), or 1 and 0 (classification). Numeric features: finite, best z-scored. The unit of a
/// label does not matter (<see cref="LinearOptions.StandardiseLabel"/>); the classes' prior log-odds are the score to start from.
/// An example weight multiplies the row's gradient; weight 0 is as if the row were not there.</para>
/// <para>Far-off values: the rate of a coordinate falls with √(Σ gradient²), so a value of 10⁶ moves its weight by about α like
/// any other; gradients are cut at 10¹⁵ and regression residuals at <see cref="LinearOptions.ResidualLimit"/>, so parameters stay
/// finite. It does use up its own coordinate's rate: clip such features in the transform.</para>
/// <para>The loss that <see cref="Learn"/> returns is log loss in nats, or the squared error in squared label units.</para>
/// <para>Fast version of <see cref="FtrlReference"/>, equal to the bit. It turns rows around in tiles, keeps weight and √n with
/// each coordinate, and fetches coordinates some rows ahead. Allocates nothing after construction, except in
/// <see cref="Freeze"/>.</para>
/// <para>Source: McMahan et al., Ad Click Prediction: a View from the Trenches, KDD 2013, Algorithm 1 (z, n, σ, w as there). We
/// differ: the bias is free of λ₁ and λ₂, example weights, and the limits above.</para>
/// </remarks>
public sealed class FtrlLearner : IResumableLearner
{
    const int TileRows = 128;

    // Far enough to hide a main-memory access behind the arithmetic of the rows between.
    const int PrefetchRows = 6;

    readonly FeatureLayout _layout;
    readonly LinearTarget _target;
    readonly FtrlConstants _constants;

    // The bias, then numeric features, then categories: the order of the sum.
    readonly Coordinate[] _coordinates;
    readonly float[] _values;
    readonly int[] _active;

    /// <param name="task">Squared loss for regression, log loss for classification.</param>
    /// <param name="layout">The features.</param>
    /// <param name="labels">The training labels' moments (<see cref="FeatureStore.Labels"/>, or from a sample): where to start,
    /// and the label's scale.</param>
    /// <param name="options">The rates.</param>
    /// <exception cref="ArgumentException">Options are out of range, or the layout has more categories than an array can
    /// hold.</exception>
    public FtrlLearner(ModelTask task, FeatureLayout layout, in LabelMoments labels, LinearOptions options)
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
        _target = LinearTarget.Of(task, labels, options.StandardiseLabel);
        _constants = FtrlConstants.Of(options);
        _coordinates = new Coordinate[width];
        _values = new float[TileRows * layout.Numerics.Length];
        _active = new int[TileRows * layout.Categories.Length];
    }

    public double Learn(TrainingBatch batch)
    {
        BatchChecks.CheckLayout(batch, _layout);
        return _target.Task == ModelTask.Regression ? Learn<SquaredPointLoss>(batch) : Learn<LogisticPointLoss>(batch);
    }

    public IPredictor Freeze()
    {
        var numerics = new float[_layout.Numerics.Length];
        var categories = new float[_layout.CategoryOffsets[^1]];
        for (var index = 0; index < numerics.Length; index++)
        {
            numerics[index] = _coordinates[1 + index].W;
        }

        var first = 1 + numerics.Length;
        for (var index = 0; index < categories.Length; index++)
        {
            categories[index] = _coordinates[first + index].W;
        }

        return _target.Fold(_layout, _coordinates[0].W, numerics, categories);
    }

    public void Save(CheckpointWriter state) => state.Floats(101, MemoryMarshal.Cast<Coordinate, float>(_coordinates.AsSpan()));

    public void Restore(CheckpointReader state) => state.Floats(101, MemoryMarshal.Cast<Coordinate, float>(_coordinates.AsSpan()));

    double Learn<TLoss>(TrainingBatch batch)
        where TLoss : struct, IPointLoss
    {
        double lossSum = 0;
        for (var start = 0; start < batch.RowCount; start += TileRows)
        {
            var count = Math.Min(TileRows, batch.RowCount - start);
            Turn(batch.Features, start, count);
            lossSum += LearnTile<TLoss>(batch.Labels.Slice(start, count), batch.Weights.Slice(start, count));
        }

        return lossSum * ((double)_target.Scale * _target.Scale);
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
            var first = 1 + width + (int)_layout.CategoryOffsets[index];
            var cardinality = (uint)_layout.Categories[index].Cardinality;
            var at = index;
            foreach (var category in column)
            {
                if ((uint)category >= cardinality)
                {
                    BatchChecks.ThrowUnknownCategory(_layout.Categories[index], category);
                }

                _active[at] = first + category;
                at += groups;
            }
        }
    }

    unsafe double LearnTile<TLoss>(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
        where TLoss : struct, IPointLoss
    {
        var constants = _constants;
        var center = _target.Task == ModelTask.Regression ? 0f : _target.Center;
        var (labelCenter, inverseScale) = _target.Task == ModelTask.Regression ? (_target.Center, 1f / _target.Scale) : (0f, 1f);
        var width = _layout.Numerics.Length;
        var groups = _layout.Categories.Length;
        double lossSum = 0;
        fixed (Coordinate* coordinates = _coordinates)
        {
            var numerics = coordinates + 1;
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
                var slope = TLoss.Slope(score, label, constants.ResidualLimit, out var loss);
                lossSum += (double)weights[row] * loss;
                var g = weights[row] * slope;
                coordinates->Update(g, constants, 0f, 0f);
                for (var index = 0; index < values.Length; index++)
                {
                    numerics[index].Update(g * values[index], constants, constants.L1, constants.L2);
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
