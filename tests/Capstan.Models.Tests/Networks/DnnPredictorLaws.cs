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
