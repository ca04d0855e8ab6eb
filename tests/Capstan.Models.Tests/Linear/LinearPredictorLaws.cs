using Capstan.Features;

namespace Capstan.Models.Tests.Linear;

public sealed class LinearPredictorLaws
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_row_scores_the_bits_of_the_documented_sum_in_any_batch(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            var predictor = RandomPredictor(random);
            var rows = RandomRows(predictor.Features, random.Next(0, 100), random);
            var scores = new float[rows.RowCount];
            predictor.Predict(rows, scores, predictor.CreateWorkspace());
            for (var row = 0; row < rows.RowCount; row++)
            {
                var bits = BitConverter.SingleToInt32Bits(scores[row]);
                Assert.Equal(BitConverter.SingleToInt32Bits(SumFromLeftToRight(predictor, rows, row)), bits);
                Assert.Equal(BitConverter.SingleToInt32Bits(ScoreAlone(predictor, rows, row)), bits);
            }
        }
    }

    [Fact]
    public void Scores_of_several_classes_are_those_of_as_many_models_to_the_bit()
    {
        var random = new Random(6);
        for (var round = 0; round < 20; round++)
        {
            var (one, width) = (RandomPredictor(random), random.Next(2, 12));
            float[] Weights(int count) => [.. Enumerable.Range(0, count * width).Select(_ => random.NextSingle() - 0.5f)];
            var (biases, numerics) = (Weights(1), Weights(one.NumericWeights.Length));
            var categories = Weights(one.CategoryWeights.Length);
            var many = new LinearPredictor(ModelOutput.Classes(width), one.Features, [.. biases], [.. numerics], [.. categories]);
            var rows = RandomRows(one.Features, random.Next(0, 50), random);
            var scores = new float[rows.RowCount * width];
            many.Predict(rows, scores, many.CreateWorkspace());
            for (var index = 0; index < width; index++)
            {
                float[] Every(float[] values) => [.. values.Where((_, place) => place % width == index)];
                var alone = new LinearPredictor(
                    ModelOutput.Value, one.Features, biases[index], [.. Every(numerics)], [.. Every(categories)]);
                var expected = new float[rows.RowCount];
                alone.Predict(rows, expected, alone.CreateWorkspace());
                Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), Every(scores).Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public void Predicting_allocates_nothing()
    {
        var random = new Random(1);
        var predictor = RandomPredictor(random);
        var rows = RandomRows(predictor.Features, 1000, random);
        var scores = new float[1000];
        var workspace = predictor.CreateWorkspace();
        predictor.Predict(rows, scores, workspace);
        Assert.Equal(0, Allocations.Of(() => predictor.Predict(rows, scores, workspace)));
    }

    static float SumFromLeftToRight(LinearPredictor predictor, FeatureBuffer rows, int row)
    {
        var sum = predictor.Biases[0];
        for (var index = 0; index < predictor.NumericWeights.Length; index++)
        {
            var product = predictor.NumericWeights[index] * rows.Numeric(index)[row];
            sum += product;
        }

        for (var index = 0; index < predictor.Features.Categories.Length; index++)
        {
            sum += predictor.CategoryWeights[(int)predictor.Features.CategoryOffsets[index] + rows.Category(index)[row]];
        }

        return sum;
    }

    static float ScoreAlone(LinearPredictor predictor, FeatureBuffer rows, int row)
    {
        var alone = new FeatureBuffer(rows.Layout);
        alone.Resize(1);
        for (var index = 0; index < rows.Layout.Numerics.Length; index++)
        {
            alone.Numeric(index)[0] = rows.Numeric(index)[row];
        }

        for (var index = 0; index < rows.Layout.Categories.Length; index++)
        {
            alone.Category(index)[0] = rows.Category(index)[row];
        }

        var score = new float[1];
        predictor.Predict(alone, score, predictor.CreateWorkspace());
        return score[0];
    }

    static LinearPredictor RandomPredictor(Random random)
    {
        var layout = new FeatureLayout(
        [
            .. Enumerable.Range(0, random.Next(0, 8)).Select(index => FeatureSpec.Numeric($"n{index}")),
            .. Enumerable.Range(0, random.Next(0, 8)).Select(index => FeatureSpec.Category($"c{index}", random.Next(1, 300))),
        ]);
        return new LinearPredictor(
            ModelOutput.LogOdds,
            layout,
            Any(random),
            [.. layout.Numerics.Select(_ => Any(random))],
            [.. Enumerable.Range(0, (int)layout.CategoryOffsets[^1]).Select(_ => Any(random))]);
    }

    static FeatureBuffer RandomRows(FeatureLayout layout, int count, Random random)
    {
        var rows = new FeatureBuffer(layout);
        rows.Resize(count);
        for (var index = 0; index < layout.Numerics.Length; index++)
        {
            foreach (ref var value in rows.Numeric(index))
            {
                value = Any(random);
            }
        }

        for (var index = 0; index < layout.Categories.Length; index++)
        {
            foreach (ref var category in rows.Category(index))
            {
                category = random.Next(layout.Categories[index].Cardinality);
            }
        }

        return rows;
    }

    // Of many magnitudes, so that another order of adding or a fused multiplication would show.
    static float Any(Random random) => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7)));
}
