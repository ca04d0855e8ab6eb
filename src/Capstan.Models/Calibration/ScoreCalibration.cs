using System.Collections.Immutable;

namespace Capstan.Models;

/// <summary>
/// A rising map from a classifier's log-odds to those that hold on rows it was not trained on. Rising: no two rows change places, so
/// that AUC is what it was but for rows that come to be tied.
/// </summary>
public abstract class ScoreCalibration
{
    private protected ScoreCalibration()
    {
    }

    /// <summary>Calibrates some log-odds in place. Each has the same bits whatever it stands beside.</summary>
    public abstract void Apply(Span<float> logOdds);

    /// <summary>slope × log-odds + offset: the logistic curve of Platt 1999, over log-odds.</summary>
    public sealed class Platt : ScoreCalibration
    {
        /// <param name="slope">Above 0, finite.</param>
        /// <param name="offset">Finite.</param>
        /// <exception cref="ArgumentException">The map would not rise.</exception>
        public Platt(float slope, float offset)
        {
            if (!(slope > 0 && float.IsFinite(slope) && float.IsFinite(offset)))
            {
                throw new ArgumentException($"A slope of {slope} and an offset of {offset} are no rising map of log-odds; expected a finite slope above 0.");
            }

            (Slope, Offset) = (slope, offset);
        }

        public float Slope { get; }

        public float Offset { get; }

        public override void Apply(Span<float> logOdds)
        {
            foreach (ref var score in logOdds)
            {
                score = score * Slope + Offset;
            }
        }
    }

    /// <summary>Straight lines between knots, and level beyond the first and the last.</summary>
    public sealed class Isotonic : ScoreCalibration
    {
        readonly float[] _from;
        readonly float[] _to;

        /// <param name="from">[knots], at least one, strictly rising, finite: log-odds as the model gives them.</param>
        /// <param name="to">[knots] never falling, finite: log-odds as they turned out.</param>
        /// <exception cref="ArgumentException">They are not as described.</exception>
        public Isotonic(ImmutableArray<float> from, ImmutableArray<float> to)
        {
            (From, To) = (from, to);
            (_from, _to) = ([.. from], [.. to]);
            if (_from.Length == 0 || _from.Length != _to.Length || !_from.Concat(_to).All(float.IsFinite)
                || Enumerable.Range(1, _from.Length - 1).Any(knot => !(_from[knot] > _from[knot - 1]) || _to[knot] < _to[knot - 1]))
            {
                throw new ArgumentException(
                    $"{_from.Length} and {_to.Length} numbers are no knots of a rising map; expected equally many, finite, the first strictly rising, the second never falling.");
            }
        }

        public ImmutableArray<float> From { get; }

        public ImmutableArray<float> To { get; }

        public override void Apply(Span<float> logOdds)
        {
            foreach (ref var score in logOdds)
            {
                score = At(score);
            }
        }

        float At(float score)
        {
            var found = Array.BinarySearch(_from, score);
            if (found >= 0)
            {
                return _to[found];
            }

            var above = ~found;
            if (above == 0 || above == _from.Length)
            {
                return above == 0 ? _to[0] : _to[^1];
            }

            // Rounding must not carry a value past a knot: the map would fall there.
            var (low, high) = (_to[above - 1], _to[above]);
            var share = ((double)score - _from[above - 1]) / ((double)_from[above] - _from[above - 1]);
            return Math.Clamp((float)(low + share * ((double)high - low)), low, high);
        }
    }
}
