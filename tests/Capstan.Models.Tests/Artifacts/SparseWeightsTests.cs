using System.Formats.Cbor;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Artifacts;

public sealed class SparseWeightsTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Category("cross", 100_000)]);

    static LinearPredictor Make(int every)
    {
        var weights = new float[100_000];
        for (var place = 3; place < weights.Length; place += every)
        {
            weights[place] = place % 2 == 0 ? -0f : place + 0.5f;
        }

        return new LinearPredictor(ModelOutput.LogOdds, Layout, 0.5f, [], [.. weights]);
    }

    static byte[] Write(IPredictor predictor)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        PredictorCodec.Write(writer, predictor);
        return writer.Encode();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1000)]
    [InlineData(200_000)]
    public void Weights_come_back_to_the_bit_and_zeros_take_no_room(int every)
    {
        var bytes = Write(Make(every));
        var read = (LinearPredictor)PredictorCodec.Read(new CborReader(bytes, CborConformanceMode.Canonical), Layout);
        Assert.Equal(Make(every).CategoryWeights.Select(BitConverter.SingleToInt32Bits), read.CategoryWeights.Select(BitConverter.SingleToInt32Bits));
        Assert.True(bytes.Length < 100 + (every < 4 ? 400_000 : 8 * (100_000 / every + 1)), $"{bytes.Length:N0} bytes.");
    }

    [Fact]
    public void Places_out_of_order_or_range_are_refused()
    {
        static string Refusal(float[] weights, params int[] places) => Assert.Throws<CorruptStateException>(
            () => SparseWeights.Expand(weights, System.Runtime.InteropServices.MemoryMarshal.AsBytes(places.AsSpan()).ToArray(), 10)).Message;
        Assert.Contains("at place 10", Refusal([1], 10));
        Assert.Contains("at place -1", Refusal([1], -1));
        Assert.Contains("at place 3, after 3", Refusal([1, 2], 3, 3));
        Assert.Contains("2 weights and 4 bytes", Refusal([1, 2], 3));
    }
}
