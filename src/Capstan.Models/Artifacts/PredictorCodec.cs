using System.Collections.Immutable;
using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>Predictors as CBOR: a family's numeric tag, then its own fields. Tags are never reused.</summary>
static class PredictorCodec
{
    const int Linear = 1;
    const int Dnn = 2;
    const int BoostedTrees = 10;

    // The largest byte string that .NET can hold.
    const int MostBytes = int.MaxValue;

    public static void Write(CborWriter writer, IPredictor predictor)
    {
        switch (predictor)
        {
            case LinearPredictor linear:
                var weights = new StateWriter(writer, 5);
                weights.Number(1, Linear);
                weights.Number(2, (int)linear.Task);
                weights.Bytes(3, FloatBytes.Of([linear.Bias]));
                weights.Bytes(4, FloatBytes.Of(linear.NumericWeights.AsSpan()));
                weights.Bytes(5, FloatBytes.Of(linear.CategoryWeights.AsSpan()));
                weights.End();
                break;
            case DnnPredictor dnn:
                var network = new StateWriter(writer, 7);
                network.Number(1, Dnn);
                network.Number(2, (int)dnn.Task);
                network.Words(3, Sizes(dnn.Shape.EmbeddingDimensions));
                network.Words(4, Sizes(dnn.Shape.HiddenUnits));
                network.Number(5, (int)dnn.Shape.Activation);
                network.Bytes(6, FloatBytes.Of([dnn.LabelScaling.Mean, dnn.LabelScaling.Scale]));
                network.Bytes(7, FloatBytes.Of(dnn.Parameters.AsSpan()));
                network.End();
                break;
            case BoostedTreesPredictor trees:
                BoostedTreesCodec.Write(writer, BoostedTrees, trees);
                break;
            default:
                throw new UnreachableException($"{predictor.GetType().Name} has no stored form.");
        }
    }

    /// <param name="features">What the artifact's transform gives.</param>
    /// <exception cref="CorruptStateException">The bytes are no predictor over these features.</exception>
    public static IPredictor Read(CborReader reader, FeatureLayout features)
    {
        var fields = new StateReader(reader, "predictor", 5, BoostedTreesCodec.FieldCount);
        var family = fields.Number(1, Linear, BoostedTrees);
        var task = (ModelTask)fields.Number(2, (int)ModelTask.Regression, (int)ModelTask.BinaryClassification);
        try
        {
            IPredictor predictor;
            if (family == Linear)
            {
                var bias = Floats(fields, 3, 1);
                predictor = new LinearPredictor(
                    task, features, bias[0],
                    FloatBytes.Read(fields.Bytes(4, MostBytes)), FloatBytes.Read(fields.Bytes(5, MostBytes)));
            }
            else if (family == BoostedTrees)
            {
                predictor = BoostedTreesCodec.Read(fields, task, features);
            }
            else
            {
                fields.Check(family == Dnn, $"its family has the unknown number {family}");
                var (embeddings, hidden) = (Sizes(fields, 3), Sizes(fields, 4));
                var shape = new DnnShape(features, embeddings, hidden, (Activation)fields.Number(5, 0, byte.MaxValue));
                var scaling = Floats(fields, 6, 2);
                predictor = new DnnPredictor(
                    task, shape, FloatBytes.Read(fields.Bytes(7, MostBytes)), new LabelScaling(scaling[0], scaling[1]));
            }

            fields.End();
            return predictor;
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("predictor", cause.Message.TrimEnd('.'), cause);
        }
    }

    static ulong[] Sizes(ImmutableArray<int> sizes) => [.. sizes.Select(size => (ulong)size)];

    static ImmutableArray<int> Sizes(in StateReader fields, int tag)
    {
        var words = fields.Words(tag, 1 << 20);
        fields.Check(words.All(word => word is >= 1 and <= int.MaxValue), $"field {tag} holds a size out of range");
        return [.. words.Select(word => (int)word)];
    }

    static ImmutableArray<float> Floats(in StateReader fields, int tag, int count)
    {
        var values = FloatBytes.Read(fields.Bytes(tag, count * 4));
        fields.Check(values.Length == count, $"field {tag} has {values.Length} numbers, expected {count}");
        return values;
    }
}
