namespace Capstan.Training;

/// <summary>Its coordinates, for those who keep them elsewhere.</summary>
public sealed partial class SoftmaxFtrlLearner : ISharedCoordinates
{
    int ISharedCoordinates.Outputs => _classes;

    int ISharedCoordinates.Offset => -1;

    void ISharedCoordinates.Put(int firstPlace, ReadOnlySpan<int> rows, ReadOnlySpan<float> states, CoordinateForm form)
    {
        var width = (int)form;
        for (var index = 0; index < rows.Length * _classes; index++)
        {
            var (row, output) = Math.DivRem(index, _classes);
            CoordinateState.Put(ref _coordinates[(firstPlace + rows[row]) * _classes + output], states.Slice(index * width, width), form);
        }
    }

    void ISharedCoordinates.Get(int firstPlace, ReadOnlySpan<int> rows, Span<float> states, CoordinateForm form)
    {
        var width = (int)form;
        for (var index = 0; index < rows.Length * _classes; index++)
        {
            var (row, output) = Math.DivRem(index, _classes);
            CoordinateState.Get(_coordinates[(firstPlace + rows[row]) * _classes + output], states.Slice(index * width, width), form);
        }
    }

    double ISharedCoordinates.Slopes(TrainingBatch batch, Span<float> slopes)
    {
        BatchChecks.CheckLayout(batch, _layout);
        var loss = 0.0;
        for (var row = 0; row < batch.RowCount; row++)
        {
            loss += (double)batch.Weights[row] * Slope(batch.Features, row, batch.Labels[row], batch.Weights[row]);
            _scores.CopyTo(slopes[(row * _classes)..]);
        }

        return loss;
    }
}
