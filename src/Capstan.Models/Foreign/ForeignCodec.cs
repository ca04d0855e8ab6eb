using System.Formats.Cbor;
using System.Text;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>A foreign predictor as CBOR: family, runtime, binding, and the model's own bytes. Tags are never reused.</summary>
static class ForeignCodec
{
    const int MostText = 1 << 26;

    public static void Write(CborWriter writer, int family, IForeignPredictor predictor)
    {
        var fields = new StateWriter(writer, 4);
        fields.Number(1, family);
        fields.Bytes(2, Encoding.UTF8.GetBytes(predictor.Runtime));
        fields.Bytes(3, Encoding.UTF8.GetBytes(predictor.Binding));
        fields.Bytes(4, predictor.Content.Span);
        fields.End();
    }

    /// <exception cref="UnknownRuntimeException">This program has not what runs the predictor.</exception>
    public static IForeignPredictor Read(in StateReader fields, FeatureLayout features)
    {
        var runtime = Encoding.UTF8.GetString(fields.Bytes(2, 100));
        var binding = Encoding.UTF8.GetString(fields.Bytes(3, MostText));
        var content = fields.Bytes(4, int.MaxValue);
        fields.End();
        var reads = ForeignRuntime.Of(runtime);
        try
        {
            return reads.Read(features, content, binding);
        }
        catch (ArgumentException cause)
        {
            throw new CorruptStateException("predictor", cause.Message.TrimEnd('.'), cause);
        }
    }
}
