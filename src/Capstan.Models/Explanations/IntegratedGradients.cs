using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Attributions of a network's scores by integrated gradients: <c>(x − r) · ∫₀¹ ∇score(r + α (x − r)) dα</c> for each input of
/// the network, along the straight line from a reference point r to the row x. The inputs are the numeric features and the
/// embeddings of the categories; a category's attribution is the sum over its embedding. r is the mean input over the reference
/// rows, so the base score is the network's score at their mean.
/// </summary>
/// <remarks>
/// <para>The integral is cut into <see cref="DefaultSteps"/> equal steps. Within a step an activation's derivative is replaced by
/// its slope over the step, (f(z₁) − f(z₀)) / (z₁ − z₀), as DeepLIFT's rescale rule does over the whole line. So the attributions
/// of every step add up to the step's change of the score, and all of them to <c>score − base score</c>, with any number of steps
/// and but for rounding: the error of completeness is that of single precision in the score. With more steps the slopes become
/// derivatives, and only how the sum is shared gets more exact: between features that a network of ReLUs treats piecewise
/// linearly, the error falls with the number of steps.</para>
/// <para>Computed in double precision, row by row, in a fixed order; the last digits of tanh are the machine's. The first layer
/// is linear in α, so its sums are computed once for r and once for x whatever the number of steps.</para>
/// <para>Sources: M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017, eq. 1; A. Shrikumar,
/// P. Greenside, A. Kundaje, "Learning important features through propagating activation differences", ICML 2017, §3.5.1.</para>
/// </remarks>
sealed class IntegratedGradients : IAttributor
{
    public const int DefaultSteps = 32;

    readonly DnnPredictor _predictor;
    readonly DnnShape _shape;
    readonly int _steps;
    readonly double[] _referenceInputs;
    readonly double[] _referenceSums;
    readonly double[] _inputs;
    readonly double[] _inputSums;
    readonly double[] _slopeSums;
    readonly double[] _baseScores;
    readonly SecantPass _pass;

    public IntegratedGradients(DnnPredictor predictor, ReferenceRows reference, int steps = DefaultSteps)
    {
        AttributionChecks.Reference(predictor, reference);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (_predictor, _shape, _steps) = (predictor, predictor.Shape, steps);
        _pass = new SecantPass(predictor);
        _referenceInputs = MeanInputs(reference);
        _referenceSums = new double[_shape.Outputs(0)];
        _pass.Sums(0, _referenceInputs, _referenceSums);
        _inputs = new double[_shape.Inputs(0)];
        _inputSums = new double[_shape.Outputs(0)];
        _slopeSums = new double[_shape.Outputs(0) * _shape.OutputCount];
        _baseScores = new double[_shape.OutputCount];
        _pass.Start(_referenceSums);
        _pass.Scores(_baseScores);
        foreach (ref var score in _baseScores.AsSpan())
        {
            score = score * predictor.LabelScaling.Scale + predictor.LabelScaling.Mean;
        }
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        AttributionChecks.Rows(_predictor, features, attributions.Length);
        var length = attributions.Length / Math.Max(features.RowCount, 1);
        for (var row = 0; row < features.RowCount; row++)
        {
            AttributeRow(features, row, attributions.Slice(row * length, length));
        }
    }

    void AttributeRow(FeatureBuffer features, int row, Span<double> attributions)
    {
        ReadInputs(features, row);
        _pass.Sums(0, _inputs, _inputSums);
        _slopeSums.AsSpan().Clear();
        _pass.Start(_referenceSums);
        for (var step = 1; step <= _steps; step++)
        {
            _pass.Step(_referenceSums, _inputSums, (double)step / _steps);
            _pass.AddSlopes(_slopeSums);
        }

        var featureCount = AttributionChecks.FeatureCount(_shape.Features);
        for (var score = 0; score < _shape.OutputCount; score++)
        {
            var slopes = _slopeSums.AsSpan(score * _shape.Outputs(0), _shape.Outputs(0));
            Share(slopes, _predictor.LabelScaling.Scale / (double)_steps, attributions.Slice(score * featureCount, featureCount));
        }
    }

    /// <summary>From the slopes with respect to the first layer's sums to the features.</summary>
    void Share(ReadOnlySpan<double> slopes, double scale, Span<double> attributions)
    {
        var numericCount = _shape.Features.Numerics.Length;
        for (var index = 0; index < numericCount; index++)
        {
            attributions[index] = ShareOf(index, slopes) * scale;
        }

        var input = numericCount;
        for (var index = 0; index < _shape.EmbeddingDimensions.Length; index++)
        {
            var sum = 0.0;
            for (var end = input + _shape.EmbeddingDimensions[index]; input < end; input++)
            {
                sum += ShareOf(input, slopes);
            }

            attributions[numericCount + index] = sum * scale;
        }
    }

    double ShareOf(int input, ReadOnlySpan<double> slopes)
    {
        var difference = _inputs[input] - _referenceInputs[input];
        return difference == 0 ? 0 : difference * SecantPass.Dot(_pass.Weights(0, input), slopes);
    }

    void ReadInputs(FeatureBuffer features, int row)
    {
        for (var index = 0; index < features.Layout.Numerics.Length; index++)
        {
            _inputs[index] = features.Numeric(index)[row];
        }

        var input = features.Layout.Numerics.Length;
        for (var index = 0; index < features.Layout.Categories.Length; index++)
        {
            foreach (var value in Embedding(index, features.Category(index)[row]))
            {
                _inputs[input++] = value;
            }
        }
    }

    double[] MeanInputs(ReferenceRows reference)
    {
        var means = new double[_shape.Inputs(0)];
        for (var index = 0; index < reference.Layout.Numerics.Length; index++)
        {
            means[index] = reference.Mean(index);
        }

        var first = reference.Layout.Numerics.Length;
        for (var index = 0; index < reference.Layout.Categories.Length; index++)
        {
            var dimension = _shape.EmbeddingDimensions[index];
            foreach (var category in reference.Category(index))
            {
                var embedding = Embedding(index, category);
                for (var place = 0; place < dimension; place++)
                {
                    means[first + place] += (double)embedding[place] / reference.RowCount;
                }
            }

            first += dimension;
        }

        return means;
    }

    ReadOnlySpan<float> Embedding(int index, int category)
    {
        var dimension = _shape.EmbeddingDimensions[index];
        return _predictor.Parameters.AsSpan(_shape.EmbeddingOffset(index) + category * dimension, dimension);
    }
}
