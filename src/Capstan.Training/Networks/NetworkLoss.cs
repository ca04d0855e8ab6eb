using System.Diagnostics;
using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>How far a network's outputs are from the labels, and in which direction they should move.</summary>
abstract class NetworkLoss
{
    private protected NetworkLoss()
    {
    }

    /// <param name="scaling">Of the labels; for classification none.</param>
    public static NetworkLoss For(Loss loss, LabelScaling scaling) => loss switch
    {
        Loss.Logistic => new LogisticLoss(),
        Loss.Softmax => new SoftmaxLoss(loss.Output.Width),
        Loss.Squared => new SquaredLoss(scaling),
        Loss.Huber huber => new PointNetworkLoss<HuberPointLoss>(new HuberPointLoss((float)(huber.Delta / scaling.Scale)), scaling),
        Loss.Absolute => new PointNetworkLoss<QuantilePointLoss>(new QuantilePointLoss(1f, 1f), scaling),
        Loss.Quantile { Probability: var q } =>
            new PointNetworkLoss<QuantilePointLoss>(new QuantilePointLoss((float)(1 - q), (float)q), scaling),
        Loss.Poisson => new LogNetworkLoss<PoissonPointLoss>(new PoissonPointLoss(), scaling),
        Loss.Gamma => new LogNetworkLoss<GammaPointLoss>(new GammaPointLoss(), scaling),
        _ => throw new UnreachableException(loss.GetType().Name),
    };

    /// <summary>Sums the weighted losses of some rows and writes the gradient.</summary>
    /// <param name="outputs">[rows × outputs or more]; the first columns are the network's outputs.</param>
    /// <param name="labels">[rows].</param>
    /// <param name="weights">[rows].</param>
    /// <param name="factor">Every derivative is multiplied by it: 1 / rows of the batch.</param>
    /// <param name="gradients">As many; the first columns become ∂(factor × Σ weight × loss) / ∂output.</param>
    /// <returns>Σ weight × loss, in the label's own unit.</returns>
    public abstract double Evaluate(
        MatrixSpan outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float factor, MatrixSpan gradients);
}

/// <summary>
/// (prediction − label)², reported in the label's unit squared. The gradient is that of (output − (label − mean) / scale)², the
/// same loss in units of the label's spread, so that one learning rate suits every label.
/// </summary>
sealed class SquaredLoss(LabelScaling scaling) : NetworkLoss
{
    public override double Evaluate(
        MatrixSpan outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float factor, MatrixSpan gradients)
    {
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var error = outputs[row, 0] - (labels[row] - scaling.Mean) / scaling.Scale;
            gradients[row, 0] = factor * weights[row] * 2 * error;
            var unscaled = (double)error * scaling.Scale;
            sum += weights[row] * unscaled * unscaled;
        }

        return sum;
    }
}

/// <summary>A loss of scaled values, as <see cref="SquaredLoss"/>: the gradient in units of the label's spread.</summary>
sealed class PointNetworkLoss<TLoss>(TLoss loss, LabelScaling scaling) : NetworkLoss
    where TLoss : struct, IPointLoss
{
    public override double Evaluate(
        MatrixSpan outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float factor, MatrixSpan gradients)
    {
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var slope = loss.Slope(outputs[row, 0], (labels[row] - scaling.Mean) / scaling.Scale, out var rowLoss);
            gradients[row, 0] = factor * weights[row] * slope;
            sum += (double)weights[row] * rowLoss;
        }

        return sum * Math.Pow(scaling.Scale, TLoss.Degree);
    }
}

/// <summary>A loss of logarithms: the output is one once it is moved by the scaling's mean, and labels stay as they are.</summary>
sealed class LogNetworkLoss<TLoss>(TLoss loss, LabelScaling scaling) : NetworkLoss
    where TLoss : struct, IPointLoss
{
    public override double Evaluate(
        MatrixSpan outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float factor, MatrixSpan gradients)
    {
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var slope = loss.Slope(scaling.Unscale(outputs[row, 0]), labels[row], out var rowLoss);
            gradients[row, 0] = factor * weights[row] * slope * scaling.Scale;
            sum += (double)weights[row] * rowLoss;
        }

        return sum;
    }
}

/// <summary>ln(1 + e^−output) of a positive row, ln(1 + e^output) of another, in nats; the output is the log-odds.</summary>
sealed class LogisticLoss : NetworkLoss
{
    public override double Evaluate(
        MatrixSpan outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float factor, MatrixSpan gradients)
    {
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var (output, label) = (outputs[row, 0], labels[row]);

            // Never e to a positive power, so nothing overflows.
            var power = MathF.Exp(-MathF.Abs(output));
            var probability = (output >= 0 ? 1 : power) / (1 + power);
            gradients[row, 0] = factor * weights[row] * (probability - label);
            sum += weights[row] * (double)(MathF.Max(output, 0) - output * label + LogOnePlus(power));
        }

        return sum;
    }

    // 1 + x drops digits of a small x; the factor makes up for them. Source: W. Kahan, in D. Goldberg, "What every computer
    // scientist should know about floating-point arithmetic", ACM Computing Surveys 23 (1991), theorem 4.
    static float LogOnePlus(float x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : MathF.Log(sum) * (x / (sum - 1));
    }
}

/// <summary>ln Σ e^output − the output of the label's class, in nats; the gradient is the probabilities less 1 at that class.</summary>
sealed class SoftmaxLoss(int classCount) : NetworkLoss
{
    public override double Evaluate(
        MatrixSpan outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, float factor, MatrixSpan gradients)
    {
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var label = (int)labels[row];
            if ((uint)label >= (uint)classCount)
            {
                throw new ArgumentException($"The label of a row is {labels[row]}, expected a class from 0 to {classCount - 1}.");
            }

            var highest = outputs[row, 0];
            for (var index = 1; index < classCount; index++)
            {
                highest = MathF.Max(highest, outputs[row, index]);
            }

            var powers = 0f;
            for (var index = 0; index < classCount; index++)
            {
                var power = MathF.Exp(outputs[row, index] - highest);
                gradients[row, index] = power;
                powers += power;
            }

            var scale = factor * weights[row];
            for (var index = 0; index < classCount; index++)
            {
                gradients[row, index] = scale * (gradients[row, index] / powers - (index == label ? 1f : 0f));
            }

            sum += weights[row] * ((double)highest - outputs[row, label] + Math.Log(powers));
        }

        return sum;
    }
}
