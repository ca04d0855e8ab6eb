using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// Attributions of any predictor's scores by sampled Shapley values: what a feature adds when it takes the row's value, on
/// average over orders in which the features of a reference row, one after another, are replaced by the row's. The reference that
/// other methods are tested against, and the method for models that have none of their own.
/// </summary>
/// <remarks>
/// <para>For every reference row and round a random order is drawn once, from the seed, and walked forwards and backwards: the
/// two are antithetic, which makes the average exact already where features interact in pairs only. Every walk ends at the row's
/// score and starts at a reference row's, and all reference rows count equally, so the attributions add up to <c>score − mean
/// score of the reference rows</c> whatever the orders are; their own sampling error falls with 1/√(orders).</para>
/// <para>A row takes 2 × reference rows × rounds × (features + 1) predictions. Features are taken as independent: those of the
/// row and of a reference row are mixed. Sources: J. Castro, D. Gómez, J. Tejada, "Polynomial calculation of the Shapley value
/// based on sampling", Computers &amp; OR 36 (2009); E. Štrumbelj, I. Kononenko, KAIS 41 (2014), algorithm 1; R. Mitchell et al.,
/// "Sampling permutations for Shapley value estimation", JMLR 23 (2022), for antithetic orders.</para>
/// </remarks>
public sealed class SampledShapley : IAttributor
{
    readonly IPredictor _predictor;
    readonly ReferenceRows _reference;
    readonly int[][] _orders;
    readonly int _rounds;
    readonly PredictorWorkspace _workspace;
    readonly FeatureBuffer _walk;
    readonly float[] _scores;
    readonly double[] _baseScores;

    /// <param name="rounds">Orders for each reference row, at least 1.</param>
    /// <param name="seed">Of the orders, which are the same for all rows.</param>
    /// <exception cref="ArgumentException">The reference rows are of another layout.</exception>
    public SampledShapley(IPredictor predictor, ReferenceRows reference, int rounds = 1, ulong seed = 1)
    {
        AttributionChecks.Reference(predictor, reference);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        (_predictor, _reference, _rounds) = (predictor, reference, rounds);
        var featureCount = AttributionChecks.FeatureCount(predictor.Features);
        var random = new SeededRandom(seed);
        _orders = new int[checked(reference.RowCount * rounds)][];
        for (var index = 0; index < _orders.Length; index++)
        {
            _orders[index] = [.. Enumerable.Range(0, featureCount)];
            random.Shuffle(_orders[index].AsSpan());
        }

        _workspace = predictor.CreateWorkspace();
        _walk = new FeatureBuffer(predictor.Features);
        _scores = new float[Math.Max(featureCount + 1, reference.RowCount) * predictor.Output.Width];
        _baseScores = MeanScores();
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        AttributionChecks.Rows(_predictor, features, attributions.Length);
        attributions.Clear();
        var length = attributions.Length / Math.Max(features.RowCount, 1);
        for (var row = 0; row < features.RowCount; row++)
        {
            var own = attributions.Slice(row * length, length);
            for (var index = 0; index < _orders.Length; index++)
            {
                Walk(features, row, index / _rounds, _orders[index], forwards: true, own);
                Walk(features, row, index / _rounds, _orders[index], forwards: false, own);
            }

            foreach (ref var attribution in own)
            {
                attribution /= 2 * _orders.Length;
            }
        }
    }

    /// <summary>From a reference row to the row, a feature at a time, in one batch of predictions.</summary>
    void Walk(FeatureBuffer features, int row, int referenceRow, int[] order, bool forwards, Span<double> sums)
    {
        var (count, width, numericCount) = (order.Length, _predictor.Output.Width, features.Layout.Numerics.Length);
        _walk.Resize(count + 1);
        for (var place = 0; place < count; place++)
        {
            // Feature number `place` of the walk has the row's value from the next stop on.
            var index = order[forwards ? place : count - 1 - place];
            if (index < numericCount)
            {
                _walk.Numeric(index)[..(place + 1)].Fill(_reference.Numeric(index)[referenceRow]);
                _walk.Numeric(index)[(place + 1)..].Fill(features.Numeric(index)[row]);
            }
            else
            {
                _walk.Category(index - numericCount)[..(place + 1)].Fill(_reference.Category(index - numericCount)[referenceRow]);
                _walk.Category(index - numericCount)[(place + 1)..].Fill(features.Category(index - numericCount)[row]);
            }
        }

        var scores = _scores.AsSpan(0, (count + 1) * width);
        _predictor.Predict(_walk, scores, _workspace);
        for (var place = 0; place < count; place++)
        {
            var index = order[forwards ? place : count - 1 - place];
            for (var score = 0; score < width; score++)
            {
                sums[score * count + index] += (double)scores[(place + 1) * width + score] - scores[place * width + score];
            }
        }
    }

    double[] MeanScores()
    {
        var width = _predictor.Output.Width;
        _walk.Resize(_reference.RowCount);
        for (var index = 0; index < _reference.Layout.Numerics.Length; index++)
        {
            _reference.Numeric(index).CopyTo(_walk.Numeric(index));
        }

        for (var index = 0; index < _reference.Layout.Categories.Length; index++)
        {
            _reference.Category(index).CopyTo(_walk.Category(index));
        }

        var scores = _scores.AsSpan(0, _reference.RowCount * width);
        _predictor.Predict(_walk, scores, _workspace);
        var means = new double[width];
        for (var place = 0; place < scores.Length; place++)
        {
            means[place % width] += (double)scores[place] / _reference.RowCount;
        }

        return means;
    }
}
