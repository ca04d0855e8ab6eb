using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Networks;

public sealed class DnnPredictorLaws
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 40).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_batch_gives_the_bits_of_single_rows_and_of_the_reference(ulong seed)
    {
        var random = new SeededRandom(seed);
        var model = RandomModel(random);
        var rows = random.NextInt32(2) == 0 ? random.NextInt32(8) : 120 + random.NextInt32(280);
        var features = RandomRows(random, model.Features, rows);
        var workspace = model.CreateWorkspace();
        var together = new float[rows];
        model.Predict(features, together, workspace);

        var one = new FeatureBuffer(model.Features);
        one.Resize(1);
        for (var row = 0; row < rows; row++)
        {
            CopyRow(features, row, one);
            var alone = new float[1];
            model.Predict(one, alone, workspace);
            Assert.Equal(BitConverter.SingleToInt32Bits(together[row]), BitConverter.SingleToInt32Bits(alone[0]));
            Assert.Equal(BitConverter.SingleToInt32Bits(together[row]),
                BitConverter.SingleToInt32Bits(DnnPredictorReference.Score(model, features, row)));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_read_back_predicts_the_same_and_gives_the_parameters_that_were_written(ulong seed)
    {
        var random = new SeededRandom(seed);
        var written = RandomModel(random);
        var read = (DnnPredictor)PredictorCodec.FromBytes(PredictorCodec.ToBytes(written), written.Features);
        var features = RandomRows(random, written.Features, 5);
        Assert.Equal(Bits(ScoresOf(written, features)), Bits(ScoresOf(read, features)));
        var parameters = read.Parameters;
        Assert.Equal(Bits(written.Parameters.AsSpan()), Bits(parameters.AsSpan()));
        Assert.True(parameters == read.Parameters, "The parameters are another array each time.");
        Assert.Equal(PredictorCodec.ToBytes(written), PredictorCodec.ToBytes(read));
    }

    [Fact]
    public void A_few_rows_then_many_then_few_give_the_bits_of_each_alone()
    {
        var random = new SeededRandom(11);
        var model = RandomModel(random);
        var workspace = model.CreateWorkspace();
        foreach (var rows in new[] { 1, 16, 17, 300, 2 })
        {
            var features = RandomRows(random, model.Features, rows);
            var scores = new float[rows];
            model.Predict(features, scores, workspace);
            Assert.Equal(Bits(ScoresOf(model, features)), Bits(scores));
        }
    }

    static int[] Bits(ReadOnlySpan<float> values) => [.. values.ToArray().Select(BitConverter.SingleToInt32Bits)];

    static float[] ScoresOf(DnnPredictor model, FeatureBuffer features)
    {
        var scores = new float[features.RowCount];
        model.Predict(features, scores, model.CreateWorkspace());
        return scores;
    }

    static DnnPredictor RandomModel(SeededRandom random)
    {
        var layout = new FeatureLayout(
        [
            .. Enumerable.Range(0, random.NextInt32(12)).Select(index => FeatureSpec.Numeric($"n{index}")),
            .. Enumerable.Range(0, random.NextInt32(5))
                .Select(index => FeatureSpec.Category($"c{index}", 1 + random.NextInt32(30))),
        ]);
        var shape = new DnnShape(
            layout,
            [.. layout.Categories.Select(_ => 1 + random.NextInt32(11))],
            [.. Enumerable.Range(0, random.NextInt32(4)).Select(_ => 1 + random.NextInt32(40))],
            random.NextInt32(3) == 0 ? Activation.Identity : Activation.Relu,
            normalization: random.NextInt32(3) == 0 ? Normalization.Layer : Normalization.None);
        var isClassifier = random.NextInt32(2) == 0;
        return new DnnPredictor(
            isClassifier ? ModelOutput.LogOdds : ModelOutput.Value,
            shape,
            [.. Enumerable.Range(0, shape.ParameterCount).Select(_ => (float)random.NextNormal())],
            isClassifier ? LabelScaling.Identity : new LabelScaling(3.3f, 0.7f));
    }

    static FeatureBuffer RandomRows(SeededRandom random, FeatureLayout layout, int rows)
    {
        var features = new FeatureBuffer(layout);
        features.Resize(rows);
        for (var feature = 0; feature < layout.Numerics.Length; feature++)
        {
            foreach (ref var value in features.Numeric(feature))
            {
                value = (float)random.NextNormal();
            }
        }

        for (var feature = 0; feature < layout.Categories.Length; feature++)
        {
            foreach (ref var value in features.Category(feature))
            {
                value = random.NextInt32(layout.Categories[feature].Cardinality);
            }
        }

        return features;
    }

    static void CopyRow(FeatureBuffer from, int row, FeatureBuffer to)
    {
        for (var feature = 0; feature < from.Layout.Numerics.Length; feature++)
        {
            to.Numeric(feature)[0] = from.Numeric(feature)[row];
        }

        for (var feature = 0; feature < from.Layout.Categories.Length; feature++)
        {
            to.Category(feature)[0] = from.Category(feature)[row];
        }
    }
}
