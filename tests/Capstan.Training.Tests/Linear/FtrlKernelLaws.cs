using Capstan.Data;

namespace Capstan.Training.Tests;

/// <summary>Eight coordinates at once come to the bits of one after the other.</summary>
public sealed class FtrlKernelLaws
{
    static readonly FtrlConstants Constants = FtrlConstants.Of(new LinearOptions { LearningRate = 0.3f, Beta = 0.5f, L1 = 0.2f, L2 = 0.1f });

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(801)]
    public void Fast_and_obvious_agree_to_the_bit(int count)
    {
        var random = new SeededRandom(4);
        var (fast, obvious, dense) = (new State(1_000), new State(1_000), new State(count));
        var rows = Enumerable.Range(0, 1_000).ToArray();
        var gradients = new float[count];
        for (var step = 0; step < 20; step++)
        {
            random.Shuffle<int>(rows);
            foreach (ref var gradient in gradients.AsSpan())
            {
                gradient = random.NextInt32(10) switch
                {
                    0 => 0,
                    1 => 1e20f,
                    2 => float.NaN,
                    _ => (float)random.NextNormal(),
                };
            }

            FtrlKernel.Update(rows.AsSpan(0, count), gradients, fast.Z, fast.N, fast.W, Constants);
            FtrlKernel.Reference(rows.AsSpan(0, count), gradients, obvious.Z, obvious.N, obvious.W, Constants);
            Assert.Equal(obvious.Bits, fast.Bits);

            var before = dense.Copy();
            FtrlKernel.Update(gradients, dense.Z, dense.N, dense.W, Constants);
            FtrlKernel.Reference(Enumerable.Range(0, count).ToArray(), gradients, before.Z, before.N, before.W, Constants);
            Assert.Equal(before.Bits, dense.Bits);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000)]
    public void A_row_that_there_is_not_is_refused(int row)
    {
        var state = new State(1_000);
        int[] rows = [0, 1, 2, 3, 4, 5, 6, row];
        Assert.Throws<IndexOutOfRangeException>(() => FtrlKernel.Update(rows, new float[8], state.Z, state.N, state.W, Constants));
    }

    sealed record State(float[] Z, float[] N, float[] W)
    {
        public State(int count)
            : this(new float[count], new float[count], new float[count])
        {
        }

        /// <summary>NaN for NaN: which of its bits an operation gives is the processor's choice.</summary>
        public uint[] Bits => [.. Z.Concat(N).Concat(W).Select(value => float.IsNaN(value) ? uint.MaxValue : BitConverter.SingleToUInt32Bits(value))];

        public State Copy() => new([.. Z], [.. N], [.. W]);
    }
}
