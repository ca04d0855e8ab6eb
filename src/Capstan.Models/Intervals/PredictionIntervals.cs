using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Where a value will lie, beside the one that is predicted: of rows like those that they were made from, at least a share of
/// <see cref="Coverage"/> has its label inside. Immutable; safe to share between threads.
/// </summary>
/// <remarks>
/// The promise is that of split conformal prediction: over draws of the held-out rows and the row, which must be exchangeable,
/// the label
/// is inside with a probability of at least the coverage, whatever the model and the distribution. It is one over all rows,
/// not one for
/// each kind of row. Sources: J. Lei et al., "Distribution-free predictive inference for regression", JASA 113 (2018),
/// algorithm 2;
/// Y. Romano, E. Patterson, E. Candès, "Conformalized quantile regression", NeurIPS 2019, algorithm 1. We differ in that an
/// interval
/// always reaches to the prediction, which makes it no smaller, and ends are rounded outwards to single precision.
/// </remarks>
public abstract class PredictionIntervals
{
    private protected PredictionIntervals(double coverage, long rowCount)
    {
        if (!(coverage is > 0 and < 1) || rowCount < 1)
        {
            throw new ArgumentException(
                $"Intervals of a coverage of {coverage} from {rowCount} rows are none; " +
                "expected a coverage between 0 and 1, and rows.");
        }

        (Coverage, RowCount) = (coverage, rowCount);
    }

    /// <summary>The share of labels that is promised to lie inside, between 0 and 1.</summary>
    public double Coverage { get; }

    /// <summary>The rows that they were made from, which the model was not trained on.</summary>
    public long RowCount { get; }

    /// <summary>The prediction, less and more the same width for all rows.</summary>
    public sealed class Around : PredictionIntervals
    {
        /// <param name="halfWidth">In units of the label, finite, ≥ 0.</param>
        /// <exception cref="ArgumentException">A number is out of range.</exception>
        public Around(double coverage, long rowCount, double halfWidth)
            : base(coverage, rowCount)
        {
            if (!(halfWidth >= 0 && double.IsFinite(halfWidth)))
            {
                throw new ArgumentException($"A half-width of {halfWidth} is none; expected a finite number, 0 or more.");
            }

            HalfWidth = halfWidth;
        }

        public double HalfWidth { get; }
    }

    /// <summary>From one predicted quantile to another, each moved outwards by the same: wide where labels are spread.</summary>
    public sealed class Quantiles : PredictionIntervals
    {
        /// <param name="lower">Predicts the lower quantile: of the same features, in units of the label.</param>
        /// <param name="upper">Predicts the upper quantile.</param>
        /// <param name="widening">In units of the label; below 0 where the quantiles were wider apart than needed.</param>
        /// <exception cref="ArgumentException">A number is out of range, or a predictor is of something else.</exception>
        public Quantiles(double coverage, long rowCount, IPredictor lower, IPredictor upper, double widening)
            : base(coverage, rowCount)
        {
            if (!double.IsFinite(widening) || lower.Output != ModelOutput.Value || upper.Output != ModelOutput.Value
                || !lower.Features.Equals(upper.Features))
            {
                throw new ArgumentException(
                    $"Quantiles by {lower.Output.Link} and {upper.Output.Link}, widened by {widening}, make no intervals; " +
                    "expected two predictors of values of the same features, and a finite number.");
            }

            (Lower, Upper, Widening) = (lower, upper, widening);
        }

        public IPredictor Lower { get; }

        public IPredictor Upper { get; }

        public double Widening { get; }
    }
}
