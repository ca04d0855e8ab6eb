using System.Numerics;
using Capstan.Features;

namespace Capstan.Models.Tests.Explanations;

public sealed class SampledShapleyTests
{
    [Theory]
    [InlineData("network")]
    [InlineData("deep network")]
    [InlineData("wide and deep")]
    public void More_rounds_come_to_the_Shapley_values_over_all_coalitions(string family)
    {
        var (predictor, reference, rows) = (ExplainedModels.Make(family), ExplainedModels.Reference(4), ExplainedModels.Rows(6, seed: 8));
        var sampled = ExplainedModels.Attribute(new SampledShapley(predictor, reference, rounds: 400), rows);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var exact = Exact(predictor, rows, row, reference);
            ExplainedModels.AssertClose(exact, sampled[(row * 5)..(row * 5 + 5)], 0.02 * exact.Sum(Math.Abs));
        }
    }

    [Fact]
    public void Antithetic_orders_are_exact_where_features_meet_in_pairs_only()
    {
        var layout = new FeatureLayout([FeatureSpec.Numeric("x"), FeatureSpec.Numeric("y"), FeatureSpec.Numeric("z")]);
        var rows = new FeatureBuffer(layout);
        rows.Resize(1);
        var product = new Product(layout);
        var attributor = new SampledShapley(product, ReferenceRows.Of(rows), seed: 3);
        (rows.Numeric(0)[0], rows.Numeric(1)[0], rows.Numeric(2)[0]) = (2, 3, 5);
        // xy + z from (0, 0, 0): x and y share their product, z keeps its own.
        Assert.Equal([3, 3, 5], ExplainedModels.Attribute(attributor, rows));
    }

    [Fact]
    public void The_seed_says_which_orders()
    {
        var (predictor, reference, rows) = (ExplainedModels.Make("deep network"), ExplainedModels.Reference(4), ExplainedModels.Rows(6, seed: 8));
        double[] Attributions(ulong seed) => ExplainedModels.Attribute(new SampledShapley(predictor, reference, seed: seed), rows);
        Assert.Equal(Attributions(1), Attributions(1));
        Assert.NotEqual(Attributions(1), Attributions(2));
    }

    /// <summary>By the formula of Shapley (1953): every coalition of the other features, weighted by its size.</summary>
    static double[] Exact(IPredictor predictor, FeatureBuffer rows, int row, ReferenceRows reference)
    {
        var values = Enumerable.Range(0, 32).Select(coalition => Value(predictor, rows, row, reference, coalition)).ToArray();
        return [.. Enumerable.Range(0, 5).Select(feature => Enumerable.Range(0, 32).Where(coalition => (coalition >> feature & 1) == 0)
            .Sum(coalition => Weight(BitOperations.PopCount((uint)coalition)) * (values[coalition | 1 << feature] - values[coalition])))];

        static double Weight(int size) => Factorial(size) * Factorial(4 - size) / Factorial(5);
        static double Factorial(int number) => Enumerable.Range(1, number).Aggregate(1.0, (product, factor) => product * factor);
    }

    static double Value(IPredictor predictor, FeatureBuffer rows, int row, ReferenceRows reference, int coalition)
    {
        var mixed = new FeatureBuffer(predictor.Features);
        mixed.Resize(reference.RowCount);
        for (var each = 0; each < reference.RowCount; each++)
        {
            for (var index = 0; index < 3; index++)
            {
                mixed.Numeric(index)[each] = (coalition >> index & 1) == 1 ? rows.Numeric(index)[row] : reference.Numeric(index)[each];
            }

            for (var index = 0; index < 2; index++)
            {
                mixed.Category(index)[each] = (coalition >> (3 + index) & 1) == 1 ? rows.Category(index)[row] : reference.Category(index)[each];
            }
        }

        return ExplainedModels.Scores(predictor, mixed).Average(score => (double)score);
    }

    /// <summary>xy + z.</summary>
    sealed class Product(FeatureLayout layout) : IPredictor
    {
        public ModelOutput Output => ModelOutput.Value;

        public FeatureLayout Features => layout;

        public PredictorWorkspace CreateWorkspace() => PredictorWorkspace.None;

        public void Predict(FeatureBuffer features, Span<float> scores, PredictorWorkspace workspace)
        {
            for (var row = 0; row < features.RowCount; row++)
            {
                scores[row] = features.Numeric(0)[row] * features.Numeric(1)[row] + features.Numeric(2)[row];
            }
        }
    }
}
