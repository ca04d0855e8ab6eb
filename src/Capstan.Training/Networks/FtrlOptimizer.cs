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
        for (var index = 0; index < gradients.Length; index++)
        {
            ref var n = ref _n[offset + index];
            ref var z = ref _z[offset + index];
            var coordinate = new Coordinate { Z = z, N = n, W = parameters[index], RootN = MathF.Sqrt(n) };
            coordinate.Update(gradients[index], _constants, _constants.L1, _constants.L2);
            (z, n, parameters[index]) = (coordinate.Z, coordinate.N, coordinate.W);
        }
    }

    public override void UpdateRows(ReadOnlySpan<int> rows, int width, ReadOnlySpan<float> gradients, Span<float> parameters)
    {
        if (width != 1)
        {
            base.UpdateRows(rows, width, gradients, parameters);
            return;
        }

        var (constants, allZ, allN) = (_constants, _z, _n);
        for (var place = 0; place < rows.Length; place++)
        {
            var row = rows[place];
            ref var n = ref allN[row];
            ref var z = ref allZ[row];
            ref var parameter = ref parameters[row];
            var coordinate = new Coordinate { Z = z, N = n, W = parameter, RootN = MathF.Sqrt(n) };
            coordinate.Update(gradients[place], constants, constants.L1, constants.L2);
            (z, n, parameter) = (coordinate.Z, coordinate.N, coordinate.W);
        }
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
