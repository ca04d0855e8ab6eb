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
    // So many predictions in a batch that a call costs little of each, and so few that they stay in the processor's caches.
    const int MostStops = 1024;

    readonly IPredictor _predictor;
    readonly ReferenceRows _reference;
    readonly int[][] _orders;
    readonly int _rounds;
    readonly int _walksTogether;
    readonly PredictorWorkspace _workspace;
    readonly FeatureBuffer _walk;
    readonly BatchBuilder _passed;
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
        _passed = new BatchBuilder(predictor.Features.Passed);
        _walksTogether = Math.Clamp(MostStops / (featureCount + 1), 1, 2 * _orders.Length);
        _scores = new float[Math.Max(_walksTogether * (featureCount + 1), reference.RowCount) * predictor.Output.Width];
        _baseScores = MeanScores();
    }

    public ReadOnlySpan<double> BaseScores => _baseScores;

    public void Attribute(FeatureBuffer features, Span<double> attributions)
    {
        AttributionChecks.Rows(_predictor, features, attributions.Length);
        attributions.Clear();
        var length = attributions.Length / Math.Max(features.RowCount, 1);
        var walks = 2 * _orders.Length;
        for (var row = 0; row < features.RowCount; row++)
        {
            var own = attributions.Slice(row * length, length);
            for (var first = 0; first < walks; first += _walksTogether)
            {
                Walk(features, row, first, Math.Min(_walksTogether, walks - first), own);
            }

            foreach (ref var attribution in own)
            {
                attribution /= walks;
            }
        }
    }

    /// <summary>Some walks from a reference row to the row, a feature at a time, in one batch of predictions.</summary>
    void Walk(FeatureBuffer features, int row, int firstWalk, int walks, Span<double> sums)
    {
        var stops = _orders[0].Length + 1;
        _walk.Resize(walks * stops);
        _passed.Clear();
        for (var walk = 0; walk < walks; walk++)
        {
            for (var place = 0; place < stops - 1; place++)
            {
                // Feature number `place` of the walk has the row's value from the next stop on.
                var (index, change) = (FeatureAt(firstWalk + walk, place), walk * stops + place + 1);
                Mix(features, row, (firstWalk + walk) / 2 / _rounds, index, walk * stops, change, (walk + 1) * stops);
            }
        }

        for (var index = 0; index < _passed.Columns.Length; index++)
        {
            Pass(features, row, index, firstWalk, walks);
        }

        _walk.Passed = _passed.Batch;
        var width = _predictor.Output.Width;
        var scores = _scores.AsSpan(0, walks * stops * width);
        _predictor.Predict(_walk, scores, _workspace);
        for (var walk = 0; walk < walks; walk++)
        {
            for (var place = 0; place < stops - 1; place++)
            {
                var (index, before) = (FeatureAt(firstWalk + walk, place), walk * stops + place);
                for (var score = 0; score < width; score++)
                {
                    sums[score * (stops - 1) + index] += (double)scores[(before + 1) * width + score] - scores[before * width + score];
                }
            }
        }
    }

    /// <summary>Every order is walked twice: forwards, then backwards.</summary>
    int FeatureAt(int walk, int place) => _orders[walk / 2] is var order && walk % 2 == 0 ? order[place] : order[order.Length - 1 - place];

    /// <summary>A computed feature in the rows of one walk: the reference row's value before the change, the row's from there
    /// on.</summary>
    void Mix(FeatureBuffer features, int row, int referenceRow, int index, int begin, int change, int end)
    {
        var (numerics, categories) = (features.Layout.Numerics.Length, features.Layout.Categories.Length);
        if (index < numerics)
        {
            _walk.Numeric(index)[begin..change].Fill(_reference.Numeric(index)[referenceRow]);
            _walk.Numeric(index)[change..end].Fill(features.Numeric(index)[row]);
        }
        else if (index < numerics + categories)
        {
            _walk.Category(index - numerics)[begin..change].Fill(_reference.Category(index - numerics)[referenceRow]);
            _walk.Category(index - numerics)[change..end].Fill(features.Category(index - numerics)[row]);
        }
    }

    /// <summary>A column that is passed on, in the rows of some walks.</summary>
    void Pass(FeatureBuffer features, int row, int index, int firstWalk, int walks)
    {
        var layout = features.Layout;
        var (feature, name) = (layout.Numerics.Length + layout.Categories.Length + index, layout.Passed.Fields[index].Name);
        var (reference, own, count) = (_reference.Passed[name], features.Passed[name], _orders[0].Length);
        for (var walk = firstWalk; walk < firstWalk + walks; walk++)
        {
            var order = _orders[walk / 2].AsSpan();
            var place = walk % 2 == 0 ? order.IndexOf(feature) : count - 1 - order.IndexOf(feature);
            for (var stop = 0; stop <= count; stop++)
            {
                _passed.Columns[index].AppendFrom(stop <= place ? reference : own, stop <= place ? walk / 2 / _rounds : row);
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

        if (!_reference.Layout.Passed.Fields.IsEmpty)
        {
            _walk.Passed = _reference.Passed;
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
