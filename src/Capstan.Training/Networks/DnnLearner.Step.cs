using Capstan.Data;

namespace Capstan.Training;

/// <summary>What is done with a batch's gradients once they are summed up.</summary>
public sealed partial class DnnLearner
{
    internal void AddPenalties()
    {
        if (_options.L2 == 0)
        {
            return;
        }

        var l2 = (float)_options.L2;
        for (var layer = 0; layer < _shape.LayerCount; layer++)
        {
            ElementKernels.AddScaled(l2, _layers.Weights(layer).Values, _gradients.Layers.Weights(layer).Values);
        }

        foreach (var table in _tables)
        {
            table.AddPenalty(l2, _embeddings);
        }
    }

    /// <summary>
    /// Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
    /// algorithm 1.
    /// </summary>
    internal void ClipGradients()
    {
        if (_options.MaxGradientNorm is not { } limit)
        {
            return;
        }

        var squares = SumOfSquares(_gradients.Layers.Values);
        foreach (var table in _tables)
        {
            squares += SumOfSquares(table.Gradients);
        }

        var norm = Math.Sqrt(squares);
        if (norm > limit)
        {
            var factor = (float)(limit / norm);
            ElementKernels.Scale(factor, _gradients.Layers.Values);
            foreach (var table in _tables)
            {
                ElementKernels.Scale(factor, table.Gradients);
            }
        }
    }

    internal void Step()
    {
        _stepCount++;
        var rate = _options.LearningRate * _options.RateFactorAt(_stepCount) * LearningRateFactor;
        _rate = rate;
        _crew.Run(_tables.Length + 1, _updateOne);
    }

    /// <summary>Moves one table's embeddings, or after all tables the weights and biases.</summary>
    void UpdateOne(int index)
    {
        if (index < _tables.Length)
        {
            _tables[index].Update(_rate, _embeddings);
            return;
        }

        _layerOptimizer.BeginStep(_rate);
        _layerOptimizer.Update(0, _gradients.Layers.Values, _layers.Values);
    }

    static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
