using Capstan.Data;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>How far a network's outputs are from the labels, and in which direction they should move.</summary>
abstract class NetworkLoss
{
    private protected NetworkLoss()
    {
    }

    public static NetworkLoss For(ModelTask task, LabelScaling scaling) =>
        task == ModelTask.BinaryClassification ? new LogisticLoss() : new SquaredLoss(scaling);

    /// <summary>Sums the weighted losses of some rows and writes the gradient.</summary>
    /// <param name="outputs">[rows × 1 or more]; column 0 is the network's output.</param>
    /// <param name="labels">[rows].</param>
    /// <param name="weights">[rows].</param>
    /// <param name="factor">Every derivative is multiplied by it: 1 / rows of the batch.</param>
    /// <param name="gradients">[rows × 1 or more]; column 0 becomes ∂(factor × Σ weight × loss) / ∂output.</param>
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
