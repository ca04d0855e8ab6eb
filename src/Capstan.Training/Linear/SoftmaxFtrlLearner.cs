using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Multinomial logistic regression by FTRL-Proximal: <see cref="FtrlLearner"/> with a score, and a table of weights, for each class.
/// One update per row, in the order of the rows.
/// </summary>
/// <remarks>
/// A row's gradient with respect to class k's score is weight × (pₖ − [label = k]), with p as <see cref="Link.Softmax"/> says. Every
/// coordinate keeps its own z and n for each class, side by side, so that a row touches one stretch of memory for each of its
/// features. Weights start at 0, so the classes' shares are learned as the biases. Allocates nothing after construction, except in
/// <see cref="Freeze"/>. Source of the update: see <see cref="FtrlLearner"/>.
/// </remarks>
public sealed partial class SoftmaxFtrlLearner : IResumableLearner, IWarmStartLearner
{
    readonly FeatureLayout _layout;
    readonly FtrlConstants _constants;
    readonly int _classes;

    // [1 + numerics + categories × classes]: the biases, then numeric features, then categories.
    readonly Coordinate[] _coordinates;
    readonly float[] _scores;

    /// <exception cref="ArgumentException">Options are out of range, or there are more weights than an array can hold.</exception>
    public SoftmaxFtrlLearner(Loss.Softmax loss, FeatureLayout layout, LinearOptions options)
    {
        options.Validate();
        _classes = loss.Output.Width;
        var length = (1 + layout.Numerics.Length + layout.CategoryOffsets[^1]) * _classes;
        if (length > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The features have {layout.CategoryOffsets[^1]:N0} categories in all, for {_classes:N0} classes each; " +
                $"a linear model holds {Array.MaxLength:N0} weights. Use smaller vocabularies or fewer hash buckets.",
                nameof(layout));
        }

        (Loss, _layout, _constants) = (loss, layout, FtrlConstants.Of(options));
        _coordinates = new Coordinate[length];
        _scores = new float[_classes];
    }

    public Loss Loss { get; }

    public double Learn(TrainingBatch batch)
    {
        BatchChecks.CheckLayout(batch, _layout);
        var loss = 0.0;
        for (var row = 0; row < batch.RowCount; row++)
        {
            loss += (double)batch.Weights[row] * LearnRow(batch.Features, row, batch.Labels[row], batch.Weights[row]);
        }

        return loss;
    }

    public IPredictor Freeze()
    {
        var weights = new float[_coordinates.Length];
        for (var index = 0; index < weights.Length; index++)
        {
            weights[index] = _coordinates[index].W;
        }

        var numericsEnd = (1 + _layout.Numerics.Length) * _classes;
        return new LinearPredictor(
            Loss.Output,
            _layout,
            [.. weights[.._classes]],
            ImmutableCollectionsMarshal.AsImmutableArray(weights[_classes..numericsEnd]),
            ImmutableCollectionsMarshal.AsImmutableArray(weights[numericsEnd..]));
    }

    /// <inheritdoc/>
    public void StartAt(IPredictor start)
    {
        var linear = LinearStart.Require(start, Loss.Output, _layout);
        float[] weights = [.. linear.Biases, .. linear.NumericWeights, .. linear.CategoryWeights];
        for (var index = 0; index < weights.Length; index++)
        {
            // The biases, which come first, are free of L1 and L2.
            var constants = index < _classes ? _constants with { L1 = 0f, L2 = 0f } : _constants;
            _coordinates[index] = Coordinate.At(weights[index], constants);
        }
    }

    public void Save(CheckpointWriter state) => state.Floats(111, MemoryMarshal.Cast<Coordinate, float>(_coordinates.AsSpan()));

    public void Restore(CheckpointReader state) => state.Floats(111, MemoryMarshal.Cast<Coordinate, float>(_coordinates.AsSpan()));

    double LearnRow(FeatureBuffer features, int row, float label, float weight)
    {
        var loss = Slope(features, row, label, weight);
        Update(0, 1f, 0f, 0f);
        for (var index = 0; index < _layout.Numerics.Length; index++)
        {
            Update(1 + index, features.Numeric(index)[row], _constants.L1, _constants.L2);
        }

        for (var index = 0; index < _layout.Categories.Length; index++)
        {
            Update(PlaceOf(features, index, row), 1f, _constants.L1, _constants.L2);
        }

        return loss;
    }

    /// <summary>Puts the gradient of a row's weighted loss in place of its scores.</summary>
    double Slope(FeatureBuffer features, int row, float label, float weight)
    {
        if (!Loss.Accepts(label))
        {
            throw new ArgumentException($"The label of row {row} of the batch is {label}, expected {Loss.Labels}.");
        }

        _scores.AsSpan().Clear();
        Add(0, 1f);
        for (var index = 0; index < _layout.Numerics.Length; index++)
        {
            Add(1 + index, features.Numeric(index)[row]);
        }

        for (var index = 0; index < _layout.Categories.Length; index++)
        {
            Add(PlaceOf(features, index, row), 1f);
        }

        var loss = Loss.Of(_scores, label);
        Loss.Output.ToPredictions(_scores);
        _scores[(int)label] -= 1f;
        foreach (ref var slope in _scores.AsSpan())
        {
            slope *= weight;
        }

        return loss;
    }

    int PlaceOf(FeatureBuffer features, int index, int row)
    {
        var category = features.Category(index)[row];
        if ((uint)category >= (uint)_layout.Categories[index].Cardinality)
        {
            BatchChecks.ThrowUnknownCategory(_layout.Categories[index], category);
        }

        return 1 + _layout.Numerics.Length + (int)_layout.CategoryOffsets[index] + category;
    }

    void Add(int place, float value)
    {
        var coordinates = _coordinates.AsSpan(place * _classes, _classes);
        for (var index = 0; index < coordinates.Length; index++)
        {
            _scores[index] += value * coordinates[index].W;
        }
    }

    void Update(int place, float value, float l1, float l2)
    {
        var coordinates = _coordinates.AsSpan(place * _classes, _classes);
        for (var index = 0; index < coordinates.Length; index++)
        {
            coordinates[index].Update(_scores[index] * value, _constants, l1, l2);
        }
    }
}
