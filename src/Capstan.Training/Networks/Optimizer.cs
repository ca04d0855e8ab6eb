using System.Diagnostics;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>Turns gradients into steps for a block of parameters, and keeps what it has to remember of each.</summary>
abstract class Optimizer
{
    private protected Optimizer()
    {
    }

    public static Optimizer Create(DnnOptions options, int parameterCount) => options.Optimizer switch
    {
        NetworkOptimizer.Adam => new AdamOptimizer(options, parameterCount),
        NetworkOptimizer.Adagrad => new AdagradOptimizer(options, parameterCount),
        NetworkOptimizer.Sgd => new MomentumOptimizer(options, parameterCount),
        _ => throw new UnreachableException(),
    };

    /// <summary>Begins the next step, during which each parameter may be updated once.</summary>
    public abstract void BeginStep(double learningRate);

    /// <summary>Moves some neighbouring parameters of the block.</summary>
    /// <param name="offset">Where they begin in the block.</param>
    public abstract void Update(int offset, ReadOnlySpan<float> gradients, Span<float> parameters);

    /// <summary>Moves some rows of the block.</summary>
    /// <param name="rows">Each once.</param>
    /// <param name="gradients">[rows × width].</param>
    /// <param name="parameters">The whole block.</param>
    public virtual void UpdateRows(ReadOnlySpan<int> rows, int width, ReadOnlySpan<float> gradients, Span<float> parameters)
    {
        for (var place = 0; place < rows.Length; place++)
        {
            var offset = rows[place] * width;
            Update(offset, gradients.Slice(place * width, width), parameters.Slice(offset, width));
        }
    }

    public abstract void Save(CheckpointWriter state);

    public abstract void Restore(CheckpointReader state);
}

sealed class AdamOptimizer(DnnOptions options, int parameterCount) : Optimizer
{
    readonly float[] _firstMoments = new float[parameterCount];
    readonly float[] _secondMoments = new float[parameterCount];
    double _decay1 = 1;
    double _decay2 = 1;
    AdamStep _step;

    public override void BeginStep(double learningRate)
    {
        // Products instead of powers: correct to 1e-13 even after millions of steps, and no platform's Pow in the result.
        _decay1 *= options.Beta1;
        _decay2 *= options.Beta2;
        _step = new AdamStep(
            (float)(learningRate / (1 - _decay1)), (float)(1 / Math.Sqrt(1 - _decay2)),
            (float)options.Beta1, (float)options.Beta2, (float)options.Epsilon);
    }

    public override void Update(int offset, ReadOnlySpan<float> gradients, Span<float> parameters) => OptimizerKernels.Adam(
        _step,
        gradients,
        _firstMoments.AsSpan(offset, gradients.Length),
        _secondMoments.AsSpan(offset, gradients.Length),
        parameters);

    public override void Save(CheckpointWriter state)
    {
        state.Double(211, _decay1);
        state.Double(212, _decay2);
        state.Floats(213, _firstMoments);
        state.Floats(214, _secondMoments);
    }

    public override void Restore(CheckpointReader state)
    {
        (_decay1, _decay2) = (state.Double(211), state.Double(212));
        state.Floats(213, _firstMoments);
        state.Floats(214, _secondMoments);
    }
}

sealed class AdagradOptimizer(DnnOptions options, int parameterCount) : Optimizer
{
    readonly float[] _squares = new float[parameterCount];
    float _rate;

    public override void BeginStep(double learningRate) => _rate = (float)learningRate;

    public override void Update(int offset, ReadOnlySpan<float> gradients, Span<float> parameters) => OptimizerKernels.Adagrad(
        _rate, (float)options.Epsilon, gradients, _squares.AsSpan(offset, gradients.Length), parameters);

    public override void Save(CheckpointWriter state) => state.Floats(221, _squares);

    public override void Restore(CheckpointReader state) => state.Floats(221, _squares);
}

sealed class MomentumOptimizer(DnnOptions options, int parameterCount) : Optimizer
{
    readonly float[] _velocities = new float[parameterCount];
    float _rate;

    public override void BeginStep(double learningRate) => _rate = (float)learningRate;

    public override void Update(int offset, ReadOnlySpan<float> gradients, Span<float> parameters) => OptimizerKernels.Momentum(
        _rate, (float)options.Momentum, gradients, _velocities.AsSpan(offset, gradients.Length), parameters);

    public override void Save(CheckpointWriter state) => state.Floats(226, _velocities);

    public override void Restore(CheckpointReader state) => state.Floats(226, _velocities);
}
