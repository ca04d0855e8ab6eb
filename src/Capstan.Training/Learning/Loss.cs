using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// What a model learns to make small, and with it what its scores mean. The loss of one row, in double precision, is what validation
/// reports and early stopping compares; how learners compute its slope is their affair.
/// </summary>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>What a model that learns by this loss gives.</summary>
    public abstract ModelOutput Output { get; }

    /// <summary>What labels can be, in words; every label is finite.</summary>
    public virtual string Labels => "a finite number";

    /// <summary>Whether a label that is a finite number can be learned.</summary>
    public virtual bool Accepts(float label) => true;

    /// <summary>The loss of one row.</summary>
    /// <param name="scores">[Output.Width] as <see cref="IPredictor.Predict"/> gives them.</param>
    public abstract double Of(ReadOnlySpan<float> scores, float label);

    /// <summary>(score − label)²: the mean is predicted. In squared label units.</summary>
    public sealed record Squared : Loss
    {
        public override ModelOutput Output => ModelOutput.Value;

        public override double Of(ReadOnlySpan<float> scores, float label)
        {
            var residual = (double)scores[0] - label;
            return residual * residual;
        }
    }

    /// <summary>|score − label|: the median is predicted. In label units.</summary>
    public sealed record Absolute : Loss
    {
        public override ModelOutput Output => ModelOutput.Value;

        public override double Of(ReadOnlySpan<float> scores, float label) => Math.Abs((double)scores[0] - label);
    }

    /// <summary>½ r² for a residual |r| ≤ δ and δ (|r| − ½ δ) beyond: the mean, but far-off labels count less.</summary>
    /// <remarks>Source: P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).</remarks>
    public sealed record Huber : Loss
    {
        /// <param name="delta">δ above 0, in label units.</param>
        public Huber(double delta)
        {
            if (!(delta > 0 && double.IsFinite(delta)))
            {
                throw new ArgumentOutOfRangeException(nameof(delta), delta, "Huber's delta is a number above 0, in units of the label.");
            }

            Delta = delta;
        }

        public double Delta { get; }

        public override ModelOutput Output => ModelOutput.Value;

        public override double Of(ReadOnlySpan<float> scores, float label)
        {
            var residual = Math.Abs((double)scores[0] - label);
            return residual <= Delta ? 0.5 * residual * residual : Delta * (residual - 0.5 * Delta);
        }
    }

    /// <summary>q (label − score) where the label is above, (1 − q) (score − label) where it is below: the q-quantile is predicted.</summary>
    /// <remarks>Source: R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978).</remarks>
    public sealed record Quantile : Loss
    {
        /// <param name="probability">q, above 0 and below 1.</param>
        public Quantile(double probability)
        {
            if (!(probability is > 0 and < 1))
            {
                throw new ArgumentOutOfRangeException(nameof(probability), probability, "A quantile is above 0 and below 1.");
            }

            Probability = probability;
        }

        public double Probability { get; }

        public override ModelOutput Output => ModelOutput.Value;

        public override double Of(ReadOnlySpan<float> scores, float label)
        {
            var above = (double)label - scores[0];
            return above >= 0 ? Probability * above : (Probability - 1) * above;
        }
    }

    /// <summary>e^score − label × score, the negative log-likelihood of a count but for a constant; the score is the mean's logarithm.</summary>
    public sealed record Poisson : Loss
    {
        public override ModelOutput Output => ModelOutput.LogOfValue;

        public override string Labels => "a number from 0 up";

        public override bool Accepts(float label) => label >= 0;

        public override double Of(ReadOnlySpan<float> scores, float label) =>
            Math.Exp(scores[0]) - (double)label * scores[0];
    }

    /// <summary>
    /// score + label × e^−score, the negative log-likelihood of a gamma distribution of shape 1 but for a constant: for amounts whose
    /// spread grows with their mean. The score is the mean's logarithm.
    /// </summary>
    public sealed record Gamma : Loss
    {
        public override ModelOutput Output => ModelOutput.LogOfValue;

        public override string Labels => "a number above 0";

        public override bool Accepts(float label) => label > 0;

        public override double Of(ReadOnlySpan<float> scores, float label) => scores[0] + label * Math.Exp(-(double)scores[0]);
    }

    /// <summary>
    /// −label · ln p − (1 − label) · ln(1 − p) with p = 1 / (1 + e^−score), in nats, without ever forming p: exact where p rounds to 0
    /// or 1.
    /// </summary>
    public sealed record Logistic : Loss
    {
        public override ModelOutput Output => ModelOutput.LogOdds;

        public override string Labels => "1 or 0, or a share in between";

        public override bool Accepts(float label) => label is >= 0 and <= 1;

        public override double Of(ReadOnlySpan<float> scores, float label)
        {
            var logOdds = (double)scores[0];
            return Math.Max(logOdds, 0.0) - logOdds * label + Math.Log(1 + Math.Exp(-Math.Abs(logOdds)));
        }
    }

    /// <summary>ln Σ e^score − the score of the label's class, in nats.</summary>
    public sealed record Softmax : Loss
    {
        /// <param name="classCount">2 or more.</param>
        public Softmax(int classCount) => Output = ModelOutput.Classes(classCount);

        public override ModelOutput Output { get; }

        public override string Labels => $"a class, a whole number from 0 to {Output.Width - 1}";

        public override bool Accepts(float label) => label >= 0 && label < Output.Width && MathF.Truncate(label) == label;

        public override double Of(ReadOnlySpan<float> scores, float label)
        {
            var highest = (double)scores[0];
            foreach (var score in scores)
            {
                highest = Math.Max(highest, score);
            }

            var sum = 0.0;
            foreach (var score in scores)
            {
                sum += Math.Exp(score - highest);
            }

            return highest + Math.Log(sum) - scores[(int)label];
        }
    }
}
