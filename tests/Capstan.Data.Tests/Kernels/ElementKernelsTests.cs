using System.Runtime.InteropServices;

namespace Capstan.Data.Tests.Kernels;

public sealed class ElementKernelsTests
{
    public static TheoryData<int> Lengths => [0, 1, 7, 8, 9, 16, 37];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Vectors_and_scalars_agree(int length)
    {
        var random = new SeededRandom((ulong)length);
        var (source, target) = (Values(random, length), Values(random, length));
        var (added, scaled, halved) = (target.ToArray(), target.ToArray(), target.ToArray());
        ElementKernels.Add(source, added);
        ElementKernels.AddScaled(0.3f, source, scaled);
        ElementKernels.Scale(0.5f, halved);
        for (var index = 0; index < length; index++)
        {
            Assert.Equal(target[index] + source[index], added[index]);
            Assert.Equal(MathF.FusedMultiplyAdd(0.3f, source[index], target[index]), scaled[index]);
            Assert.Equal(target[index] / 2, halved[index]);
        }
    }

    [Fact]
    public void Different_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ElementKernels.Add(new float[3], new float[4]));
        Assert.Throws<ArgumentException>(() => ElementKernels.AddScaled(1, new float[5], new float[4]));
        Assert.Throws<ArgumentException>(
            () => OptimizerKernels.Adam(default, new float[4], new float[3], new float[4], new float[4]));
        Assert.Throws<ArgumentException>(() => OptimizerKernels.Adagrad(1, 1, new float[4], new float[3], new float[4]));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Optimizer_steps_have_the_references_bits(int length)
    {
        var random = new SeededRandom((ulong)length);
        var step = new AdamStep(0.01f, 1.7f, 0.9f, 0.999f, 1e-8f);
        var (gradients, first, second, parameters) = (
            Values(random, length), Values(random, length), Squares(random, length), Values(random, length));
        var (first2, second2, parameters2) = (first.ToArray(), second.ToArray(), parameters.ToArray());
        OptimizerKernels.Adam(step, gradients, first, second, parameters);
        OptimizerKernels.Adagrad(0.1f, 1e-8f, gradients, second, parameters);
        for (var index = 0; index < length; index++)
        {
            OptimizerKernels.AdamReference(step, gradients[index], ref first2[index], ref second2[index], ref parameters2[index]);
            OptimizerKernels.AdagradReference(0.1f, 1e-8f, gradients[index], ref second2[index], ref parameters2[index]);
        }

        AssertSameBits(first2, first);
        AssertSameBits(second2, second);
        AssertSameBits(parameters2, parameters);
    }

    [Fact]
    public void Adams_first_step_moves_every_parameter_by_the_rate_against_its_gradient()
    {
        // t = 1: m / (1 − β₁) = g and v / (1 − β₂) = g², so the step is α · g / (|g| + ε).
        var step = new AdamStep(0.001f / 0.1f, 1 / MathF.Sqrt(0.001f), 0.9f, 0.999f, 1e-8f);
        float[] parameters = [1, 1, 1];
        OptimizerKernels.Adam(step, [5, -0.01f, 0], new float[3], new float[3], parameters);
        Assert.Equal(0.999f, parameters[0], 1e-6f);
        Assert.Equal(1.001f, parameters[1], 1e-6f);
        Assert.Equal(1f, parameters[2]);
    }

    [Fact]
    public void Adagrads_first_step_moves_every_parameter_by_the_rate_against_its_gradient()
    {
        float[] parameters = [1, 1, 1];
        OptimizerKernels.Adagrad(0.1f, 1e-8f, [5, -0.01f, 0], new float[3], parameters);
        Assert.Equal(0.9f, parameters[0], 1e-6f);
        Assert.Equal(1.1f, parameters[1], 1e-6f);
        Assert.Equal(1f, parameters[2]);
    }

    static float[] Values(SeededRandom random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];

    static float[] Squares(SeededRandom random, int count) => [.. Values(random, count).Select(value => value * value)];

    static void AssertSameBits(float[] expected, float[] actual) =>
        Assert.Equal(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(29)]
    public void A_step_with_momentum_has_the_references_bits_and_goes_on_as_it_began(int length)
    {
        var random = new Random(length);
        var gradients = Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var (velocities, parameters) = (new float[length], new float[length]);
        var (velocities2, parameters2) = (new float[length], new float[length]);
        for (var step = 0; step < 3; step++)
        {
            OptimizerKernels.Momentum(0.1f, 0.9f, gradients, velocities, parameters);
            for (var index = 0; index < length; index++)
            {
                OptimizerKernels.MomentumReference(0.1f, 0.9f, gradients[index], ref velocities2[index], ref parameters2[index]);
            }
        }

        Assert.Equal([.. velocities2, .. parameters2], (float[])[.. velocities, .. parameters]);
        // Three steps along one gradient: 1 + 1.9 + 2.71 times the first.
        Assert.All(parameters.Zip(gradients), pair => Assert.Equal(-0.561f * pair.Second, pair.First, 1e-6f));
        Assert.Throws<ArgumentException>(() => OptimizerKernels.Momentum(1, 0, gradients, new float[length + 1], parameters));
    }
}
