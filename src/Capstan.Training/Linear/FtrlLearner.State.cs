using System.Runtime.InteropServices;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>Where its parameters come from and go to: models and checkpoints.</summary>
public sealed partial class FtrlLearner
{
    public IPredictor Freeze()
    {
        var numerics = new float[_layout.Numerics.Length];
        var categories = new float[_layout.CategoryOffsets[^1]];
        for (var index = 0; index < numerics.Length; index++)
        {
            numerics[index] = _coordinates[1 + index].W;
        }

        var first = 1 + numerics.Length;
        if (_slots is not null)
        {
            for (var slot = 0; slot < _slots.Count; slot++)
            {
                categories[_slots.Categories[slot]] = _coordinates[first + slot].W;
            }
        }

        for (var index = 0; _slots is null && index < categories.Length; index++)
        {
            categories[index] = _coordinates[first + index].W;
        }

        return _target.Fold(_layout, _coordinates[0].W, numerics, categories, _offset);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The start's bias becomes what is taken from labels or scores, and values are learned in units of a power of two near their
    /// spread: then dividing loses no bits. A weight is as given until its first update.
    /// </remarks>
    public void StartAt(IPredictor start)
    {
        var linear = LinearStart.Require(start, Loss.Output, _layout);
        _target = _target.StartingAt(linear.Biases[0]);
        _coordinates.AsSpan().Clear();
        _slots?.Clear();
        for (var index = 0; index < linear.NumericWeights.Length; index++)
        {
            _coordinates[1 + index] = Coordinate.At(linear.NumericWeights[index] / _target.Scale, _constants);
        }

        var first = 1 + linear.NumericWeights.Length;
        for (var category = 0; category < linear.CategoryWeights.Length; category++)
        {
            if (linear.CategoryWeights[category] is not 0 and var weight)
            {
                var place = first + (_slots?.SlotOf(category) ?? category);
                Reserve();
                _coordinates[place] = Coordinate.At(weight / _target.Scale, _constants);
            }
        }

        FixOffset();
    }

    public void Save(CheckpointWriter state)
    {
        if (_slots is not null)
        {
            state.Bytes(102, MemoryMarshal.AsBytes(_slots.Categories));
        }

        state.Floats(101, MemoryMarshal.Cast<Coordinate, float>(Used));
    }

    public void Restore(CheckpointReader state)
    {
        if (_slots is not null)
        {
            _slots.Clear();
            foreach (var category in MemoryMarshal.Cast<byte, int>(state.Bytes(102)))
            {
                _slots.SlotOf(category);
            }

            Reserve();
        }

        state.Floats(101, MemoryMarshal.Cast<Coordinate, float>(Used));
    }

    /// <summary>The coordinates of all that has occurred, or of everything.</summary>
    Span<Coordinate> Used => _slots is null ? _coordinates : _coordinates.AsSpan(0, 1 + _layout.Numerics.Length + _slots.Count);

    /// <summary>Makes room for the categories that have occurred.</summary>
    void Reserve()
    {
        var needed = 1 + _layout.Numerics.Length + (_slots?.Count ?? 0);
        if (needed > _coordinates.Length)
        {
            Array.Resize(ref _coordinates, (int)Math.Min(Array.MaxLength, 2L * needed));
        }
    }
}
