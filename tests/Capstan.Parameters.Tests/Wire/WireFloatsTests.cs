namespace Capstan.Parameters.Tests;

public sealed class WireFloatsTests
{
    [Theory]
    [InlineData((byte)WireNumbers.Single, 0.0)]
    [InlineData((byte)WireNumbers.BFloat16, 1.0 / 256)]
    [InlineData((byte)WireNumbers.Half, 1.0 / 2048)]
    public void Numbers_come_out_as_near_as_their_form_allows(byte form, double error)
    {
        float[] values = [0f, 1f, -1f, 0.1f, -3.14159f, 65_000f, 1e-3f, 1f + 1f / 256];
        var frame = new FrameBuffer();
        WireFloats.Write(frame, values, (WireNumbers)form);
        Assert.Equal(values.Length * WireFloats.BytesOf((WireNumbers)form), frame.Length);
        float[] scratch = [];
        var read = WireFloats.Read(frame, values.Length, (WireNumbers)form, ref scratch);
        for (var index = 0; index < values.Length; index++)
        {
            Assert.InRange(read[index], values[index] - error * Math.Abs(values[index]), values[index] + error * Math.Abs(values[index]));
        }
    }

    [Fact]
    public void More_values_than_there_are_bytes_are_refused()
    {
        var frame = new FrameBuffer();
        frame.Write(1f);
        Assert.Throws<FrameException>(() => frame.Read<float>(2));
        Assert.Throws<FrameException>(() => frame.Read<float>(-1));
        Assert.Throws<FrameException>(() => frame.Read<double>());
    }

    [Fact]
    public void Keys_that_come_again_travel_as_their_hash()
    {
        var (sender, receiver, slice) = (new KeyMemory(), new KeyMemory(), new BlockSlice(3, 0, 1_000));
        int[] keys = [5, 999, 0, 17, 17];
        for (var round = 0; round < 3; round++)
        {
            var frame = new FrameBuffer();
            sender.Write(frame, slice.Block, keys);
            Assert.Equal(round == 0 ? 12 + 4 * keys.Length : 12, frame.Length);
            Assert.Equal(keys, receiver.Read(frame, slice).ToArray());
        }

        var wrong = new FrameBuffer();
        sender.Write(wrong, slice.Block, [1_000]);
        Assert.Throws<FrameException>(() => receiver.Read(wrong, slice).Length);
    }
}
