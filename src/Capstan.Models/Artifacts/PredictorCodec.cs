using System.Collections.Immutable;
using System.Diagnostics;
using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>Predictors as CBOR: a family's numeric tag, then its own fields. Tags are never reused.</summary>
public static class PredictorCodec
{
    const int Linear = 1;
    const int Dnn = 2;
    const int WideDeep = 3;
    const int BoostedTrees = 10;
    const int Calibrated = 20;
    const int Foreign = 30;

    // The largest byte string that .NET can hold.
    const int MostBytes = int.MaxValue;

    public static void Write(CborWriter writer, IPredictor predictor)
    {
        switch (predictor)
        {
            case LinearPredictor linear:
                var sparse = SparseWeights.Of(linear.CategoryWeights.AsSpan());
                var weights = new StateWriter(writer, sparse is null ? 5 : 6);
                weights.Number(1, Linear);
                weights.Number(2, (int)linear.Output.Link);
                weights.Bytes(3, FloatBytes.Of(linear.Biases.AsSpan()));
                weights.Bytes(4, FloatBytes.Of(linear.NumericWeights.AsSpan()));
                if (sparse is null)
                {
                    weights.Bytes(5, FloatBytes.Of(linear.CategoryWeights.AsSpan()));
                }
                else
                {
                    weights.Bytes(5, FloatBytes.Of(sparse.Weights));
                    weights.Bytes(6, sparse.Places);
                }

                weights.End();
                break;
            case DnnPredictor dnn:
                var isNormalized = dnn.Shape.Normalization != Normalization.None;
                var network = new StateWriter(writer, isNormalized ? 9 : dnn.Output.Width == 1 ? 7 : 8);
                network.Number(1, Dnn);
                network.Number(2, (int)dnn.Output.Link);
                network.Words(3, Sizes(dnn.Shape.EmbeddingDimensions));
                network.Words(4, Sizes(dnn.Shape.HiddenUnits));
                network.Number(5, (int)dnn.Shape.Activation);
                network.Bytes(6, FloatBytes.Of([dnn.LabelScaling.Mean, dnn.LabelScaling.Scale]));
                network.Bytes(7, FloatBytes.Of(dnn.Parameters.AsSpan()));
                if (dnn.Output.Width > 1 || isNormalized)
                {
                    network.Number(8, dnn.Output.Width);
                }

                if (isNormalized)
                {
                    network.Number(9, (int)dnn.Shape.Normalization);
                }

                network.End();
                break;
            case WideDeepPredictor combined:
                var parts = new StateWriter(writer, 3);
                parts.Number(1, WideDeep);
                parts.Bytes(2, ToBytes(combined.Wide));
                parts.Bytes(3, ToBytes(combined.Deep));
                parts.End();
                break;
            case BoostedTreesPredictor trees:
                BoostedTreesCodec.Write(writer, BoostedTrees, trees);
                break;
            case CalibratedPredictor calibrated:
                CalibrationCodec.Write(writer, Calibrated, calibrated, ToBytes(calibrated.Uncalibrated));
                break;
            case IForeignPredictor foreign:
                ForeignCodec.Write(writer, Foreign, foreign);
                break;
            default:
                throw new UnreachableException($"{predictor.GetType().Name} has no stored form.");
        }
    }

    /// <param name="features">What the artifact's transform gives.</param>
    /// <exception cref="CorruptStateException">The bytes are no predictor over these features.</exception>
    /// <exception cref="UnknownRuntimeException">This program has not what runs the predictor.</exception>
    public static IPredictor Read(CborReader reader, FeatureLayout features)
    {
        var fields = new StateReader(reader, "predictor", 3, BoostedTreesCodec.MostFields);
        var family = fields.Number(1, Linear, Foreign);
        if (family == WideDeep)
        {
            return ReadWideDeep(fields, features);
        }

        if (family == Calibrated)
        {
            return CalibrationCodec.Read(fields, bytes => FromBytes(bytes, features));
        }

        if (family == Foreign)
        {
            return ForeignCodec.Read(fields, features);
        }

        var link = (Link)fields.Number(2, (int)Link.Identity, (int)Link.Softmax);
        try
        {
            IPredictor predictor;
            if (family == Linear)
            {
                var biases = FloatBytes.Read(fields.BytesInPlace(3, MostBytes));
                predictor = new LinearPredictor(
                    ModelOutput.Of(link, biases.Length), features, biases,
                    FloatBytes.Read(fields.BytesInPlace(4, MostBytes)),
                    CategoryWeights(fields, features.CategoryOffsets[^1] * biases.Length));
            }
            else if (family == BoostedTrees)
            {
                predictor = BoostedTreesCodec.Read(fields, link, features);
            }
            else
            {
                fields.Check(family == Dnn, $"its family has the unknown number {family}");
                var (embeddings, hidden) = (Sizes(fields, 3), Sizes(fields, 4));
                var activation = (Activation)fields.Number(5, 0, byte.MaxValue);
                var scaling = Floats(fields, 6, 2);
                var parameters = FloatBytes.InPlace(fields.BytesInPlace(7, MostBytes));
                var width = fields.FieldCount == 7 ? 1 : (int)fields.Number(8, fields.FieldCount == 9 ? 1 : 2, int.MaxValue);
                var normalization = (Normalization)(fields.FieldCount == 9 ? fields.Number(9, 1, byte.MaxValue) : 0);
                predictor = DnnPredictor.CopyOf(
                    ModelOutput.Of(link, width), new DnnShape(features, embeddings, hidden, activation, width, normalization),
                    parameters, new LabelScaling(scaling[0], scaling[1]));
            }

            fields.End();
            return predictor;
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("predictor", cause.Message.TrimEnd('.'), cause);
        }
    }

    /// <summary>All weights, or those that are not 0 and where they are.</summary>
    static ImmutableArray<float> CategoryWeights(in StateReader fields, long count)
    {
        var weights = FloatBytes.Read(fields.BytesInPlace(5, MostBytes));
        return fields.FieldCount == 5 ? weights : SparseWeights.Expand(weights.AsSpan(), fields.Bytes(6, MostBytes), count);
    }

    static WideDeepPredictor ReadWideDeep(in StateReader fields, FeatureLayout features)
    {
        var wide = FromBytes(fields.Bytes(2, MostBytes), features) as LinearPredictor;
        var deep = FromBytes(fields.Bytes(3, MostBytes), features) as DnnPredictor;
        fields.End();
        fields.Check(wide is not null && deep is not null && wide.Output == deep.Output, "its parts do not belong together");
        return new WideDeepPredictor(wide!, deep!); // checked
    }

    internal static byte[] ToBytes(IPredictor predictor)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        Write(writer, predictor);
        return writer.Encode();
    }

    internal static IPredictor FromBytes(byte[] bytes, FeatureLayout features)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Canonical);
        var predictor = Read(reader, features);
        return reader.BytesRemaining == 0
            ? predictor
            : throw new CorruptStateException("predictor", $"{reader.BytesRemaining:N0} bytes follow its part");
    }

    static ulong[] Sizes(ImmutableArray<int> sizes) => [.. sizes.Select(size => (ulong)size)];

    static ImmutableArray<int> Sizes(in StateReader fields, int tag)
    {
        var words = fields.Words(tag, 1 << 20);
        fields.Check(words.All(word => word <= int.MaxValue), $"field {tag} holds a size out of range");
        return [.. words.Select(word => (int)word)];
    }

    static ImmutableArray<float> Floats(in StateReader fields, int tag, int count)
    {
        var values = FloatBytes.Read(fields.BytesInPlace(tag, count * 4));
        fields.Check(values.Length == count, $"field {tag} has {values.Length} numbers, expected {count}");
        return values;
    }
}
