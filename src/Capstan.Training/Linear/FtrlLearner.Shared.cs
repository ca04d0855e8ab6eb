namespace Capstan.Training;

/// <summary>Its coordinates, for those who keep them elsewhere.</summary>
public sealed partial class FtrlLearner : ISharedCoordinates
{
    int ISharedCoordinates.Outputs => 1;

    int ISharedCoordinates.Offset => _offset;

    internal LinearTarget Target => _target;

    void ISharedCoordinates.Put(int firstPlace, ReadOnlySpan<int> rows, ReadOnlySpan<float> states, CoordinateForm form)
    {
        var width = (int)form;
        for (var index = 0; index < rows.Length; index++)
        {
            var state = states.Slice(index * width, width);
            if (PlaceOf(firstPlace + rows[index], isWanted: !CoordinateState.IsFresh(state)) is >= 0 and var place)
            {
                CoordinateState.Put(ref _coordinates[place], state, form);
            }
        }

        FixOffset();
    }

    void ISharedCoordinates.Get(int firstPlace, ReadOnlySpan<int> rows, Span<float> states, CoordinateForm form)
    {
        var width = (int)form;
        for (var index = 0; index < rows.Length; index++)
        {
            var place = PlaceOf(firstPlace + rows[index], isWanted: false);
            CoordinateState.Get(place < 0 ? default : _coordinates[place], states.Slice(index * width, width), form);
        }
    }

    double ISharedCoordinates.Slopes(TrainingBatch batch, Span<float> slopes)
    {
        BatchChecks.CheckLayout(batch, _layout);
        return Pass(batch, slopes);
    }

    /// <summary>Where a coordinate lies; −1 where it has no room, and none is wanted.</summary>
    int PlaceOf(int place, bool isWanted)
    {
        var first = 1 + _layout.Numerics.Length;
        if (_slots is null || place < first)
        {
            return place;
        }

        if (!isWanted && !_slots.Contains(place - first))
        {
            return -1;
        }

        var slot = _slots.SlotOf(place - first);
        Reserve();
        return first + slot;
    }
}
