using System.Collections.Immutable;
using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// Confidence intervals of any evaluator's metrics, and of the differences between models on the same rows: each replicate counts
/// every row a Poisson(1) number of times, the same for all models.
/// </summary>
/// <remarks>
/// Interval: the replicates' quantiles around the value on these rows; a replicate where a metric is not defined is left out, and
/// with fewer than half of them there is no interval. Rows that are a sample of <see cref="ScoredRows.Population"/> give distances
/// shrunk by √(rows / population) (the m out of n bootstrap). A difference's p-value is that of difference / standard error as
/// normal. How often row i counts in replicate r follows from (seed, r, i) alone: the same for any number of threads.
/// Sources: B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, §13.3; N. Chamandy et al., Estimating uncertainty for
/// massive data streams, Google 2012 (Poisson counts); P. Bickel et al., Resampling fewer than n observations, Statistica Sinica 7
/// (1997).
/// </remarks>
public static class PoissonBootstrap
{
    // Enough that an interval's own randomness is that of the replicates.
    const int MostRows = 1 << 18;

    // P(count ≤ k) for k = 0, 1, …: sums of 1 / (e k!), by steps that every machine rounds alike.
    static readonly double[] Cumulative = Cumulate();

    /// <summary>Gives every metric its interval.</summary>
    /// <param name="evaluations">For each model of <paramref name="rows"/>, of all rows that these stand for.</param>
    public static ImmutableArray<Evaluation> WithIntervals(
        IReadOnlyList<Evaluation> evaluations, ScoredRows rows, BootstrapOptions options, CancellationToken cancellationToken) =>
        Compare(evaluations, rows, options, cancellationToken).Evaluations;

    /// <summary>The same, with how the first model differs from each other one, metric by metric.</summary>
    /// <returns>The evaluations, and for each model but the first its differences.</returns>
    public static (ImmutableArray<Evaluation> Evaluations, ImmutableArray<ImmutableArray<MetricDifference>> Differences) Compare(
        IReadOnlyList<Evaluation> evaluations, ScoredRows rows, BootstrapOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        rows = rows.Thin(MostRows);
        var models = Enumerable.Range(0, rows.Models).ToArray();
        var onRows = models.Select(model => Evaluated(rows, model, rows.Weights.Span)).ToArray();
        var replicates = Replicates(rows, options, cancellationToken);
        var shrinkage = rows.Population > rows.Count ? Math.Sqrt((double)rows.Count / rows.Population) : 1;
        return (
            [.. models.Select(model => evaluations[model].With([.. evaluations[model].Metrics.Select((metric, index) => metric with
            {
                Interval = Interval(
                    metric.Value, onRows[model].Metrics[index].Value, replicates.Select(replicate => replicate[model][index])),
            })]))],
            [.. models.Skip(1).Select(other => evaluations[0].Metrics.Select((metric, index) => Difference(metric, index, other))
                .ToImmutableArray())]);

        MetricDifference Difference(Metric metric, int index, int other)
        {
            var value = metric.Value - evaluations[other].Metrics[index].Value;
            var here = onRows[0].Metrics[index].Value - onRows[other].Metrics[index].Value;
            return new MetricDifference(
                metric.Name, value, metric.HigherIsBetter,
                Interval(value, here, replicates.Select(replicate => replicate[0][index] - replicate[other][index])));
        }

        ConfidenceInterval? Interval(double? value, double? onThese, IEnumerable<double?> replicated)
        {
            var values = replicated.OfType<double>().Order().ToArray();
            if (value is not { } center || onThese is not { } here || values.Length < 2 || values.Length * 2 < options.Replicates)
            {
                return null;
            }

            var tail = (1 - options.Confidence) / 2;
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Sum(each => (each - mean) * (each - mean)) / (values.Length - 1));
            return new ConfidenceInterval(
                center + (QuantileOf(values, tail) - here) * shrinkage, center + (QuantileOf(values, 1 - tail) - here) * shrinkage,
                deviation * shrinkage, options.Confidence);
        }
    }

    /// <summary>How often a row counts in a replicate: Poisson distributed with mean 1.</summary>
    internal static int CountOf(ulong seed, int replicate, int row)
    {
        var uniform = (RowHash.Of(RowHash.Of(seed, replicate), row) >> 11) * (1.0 / (1UL << 53));
        var count = 0;
        while (count < Cumulative.Length && uniform >= Cumulative[count])
        {
            count++;
        }

        return count;
    }

    /// <returns>[replicates][models][metrics].</returns>
    static double?[][][] Replicates(ScoredRows rows, BootstrapOptions options, CancellationToken cancellationToken)
    {
        var replicates = new double?[rows.Count == 0 ? 0 : options.Replicates][][];
        Parallel.For(
            0, replicates.Length,
            new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellationToken },
            () => new float[rows.Count],
            (replicate, _, weights) =>
            {
                var given = rows.Weights.Span;
                for (var row = 0; row < weights.Length; row++)
                {
                    weights[row] = given[row] * CountOf(options.Seed, replicate, row);
                }

                replicates[replicate] =
                [
                    .. Enumerable.Range(0, rows.Models).Select(model =>
                        Evaluated(rows, model, weights).Metrics.Select(metric => metric.Value).ToArray()),
                ];
                return weights;
            },
            _ => { });
        return replicates;
    }

    static Evaluation Evaluated(ScoredRows rows, int model, ReadOnlySpan<float> weights)
    {
        var evaluator = Evaluators.For(rows.Output);
        evaluator.Add(rows.Scores(model).Span, rows.Labels.Span, weights);
        return evaluator.Conclude();
    }

    /// <summary>By linear interpolation between the two nearest.</summary>
    static double QuantileOf(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }

    static double[] Cumulate()
    {
        const double OneByE = 0.36787944117144233;
        var (sums, probability, sum) = (new double[12], OneByE, 0.0);
        for (var count = 0; count < sums.Length; count++)
        {
            sums[count] = sum += probability;
            probability /= count + 1;
        }

        return sums;
    }
}
