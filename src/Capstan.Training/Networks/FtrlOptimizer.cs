namespace Capstan.Training;

/// <summary>
/// FTRL-Proximal for blocks of parameters: z and n of each, and the parameter that follows from them. The rate is its own
/// (<see cref="LinearOptions.LearningRate"/>); a schedule's is ignored.
/// </summary>
/// <remarks>Source: as <see cref="FtrlLearner"/>; the update is <see cref="Coordinate"/>'s.</remarks>
sealed class FtrlOptimizer(LinearOptions options, int parameterCount) : Optimizer
{
    readonly FtrlConstants _constants = FtrlConstants.Of(options);
    readonly float[] _z = new float[parameterCount];
    readonly float[] _n = new float[parameterCount];

    /// <summary>Begins at parameters other than 0.</summary>
    public void StartAt(ReadOnlySpan<float> parameters)
    {
        for (var index = 0; index < parameters.Length; index++)
        {
            _z[index] = Coordinate.At(parameters[index], _constants).Z;
        }
    }

    public override void BeginStep(double learningRate)
    {
    }

    public override void Update(int offset, ReadOnlySpan<float> gradients, Span<float> parameters)
    {
        FtrlKernel.Update(gradients, _z.AsSpan(offset, gradients.Length), _n.AsSpan(offset, gradients.Length), parameters, _constants);
    }

    public override void UpdateRows(ReadOnlySpan<int> rows, int width, ReadOnlySpan<float> gradients, Span<float> parameters)
    {
        if (width != 1)
        {
            base.UpdateRows(rows, width, gradients, parameters);
            return;
        }

        FtrlKernel.Update(rows, gradients, _z, _n, parameters, _constants);
    }

    public override void Save(CheckpointWriter state)
    {
        state.Floats(241, _z);
        state.Floats(242, _n);
    }

    public override void Restore(CheckpointReader state)
    {
        state.Floats(241, _z);
        state.Floats(242, _n);
    }
}
