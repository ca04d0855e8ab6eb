using Capstan.Models;
using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>What is done to the gradients of a step before it is made.</summary>
sealed partial class ShardState
{
    /// <summary>Sums up what is still apart, and does what a single-machine learner does to all gradients before it moves anything.</summary>
    void Prepare()
    {
        _partSums.Finish(_denseSums);
        foreach (var block in _blocks)
        {
            block.Finish();
        }

        var network = (_job.Learner as LearnerDefinition.Network)?.Options;
        if (network?.L2 > 0)
        {
            foreach (var block in _blocks.Where(block => block.Spec.HasPenalty))
            {
                block.AddPenalty((float)network.L2);
            }
        }

        if (network?.MaxGradientNorm is { } limit)
        {
            Clip(limit);
        }

        if (_previousDense.Length == _dense.Length)
        {
            foreach (var block in _blocks)
            {
                block.KeepPrevious();
            }
        }
    }

    void Clip(double limit)
    {
        // All layers are one chain of sums, and each table is one of its own, as in a single process.
        var squares = 0.0;
        foreach (var block in _blocks.Where(block => block.Spec.Rule == BlockRule.Network))
        {
            var isDense = block.Spec.Kind == BlockKind.Dense;
            var sum = AddSquares(isDense ? squares : 0, block.Gradients);
            squares = isDense ? sum : squares + sum;
        }

        var norm = Math.Sqrt(squares);
        if (norm > limit)
        {
            foreach (var block in _blocks.Where(block => block.Spec.Rule == BlockRule.Network))
            {
                Data.ElementKernels.Scale((float)(limit / norm), block.Gradients);
            }
        }
    }

    static double AddSquares(double sum, ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
