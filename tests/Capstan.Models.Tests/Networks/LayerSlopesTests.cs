using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models.Tests.Networks;

public sealed class LayerSlopesTests
{
    static readonly FeatureLayout Layout = new([FeatureSpec.Numeric("x"), FeatureSpec.Category("a", 7), FeatureSpec.Category("b", 3)]);

    [Fact]
    public void As_many_units_are_dropped_as_asked_and_the_others_make_up_for_them()
    {
        var shape = new DnnShape(Layout, [2, 2], [40], Activation.Identity);
        var slopes = new LayerSlopes(shape, 0.25, seed: 7);
        var (sum, dropped, count) = (0.0, 0, 0);
        for (var step = 0; step < 20; step++)
        {
            slopes.BeginStep(step);
            var values = new float[128 * MatrixKernels.PaddedStride(40)];
            Array.Fill(values, 1f);
            var output = MatrixSpan.RowMajor(values, 128, 40, MatrixKernels.PaddedStride(40));
            slopes.Finish(0, firstRow: 0, output);
            for (var row = 0; row < 128; row++)
            {
                for (var unit = 0; unit < 40; unit++)
                {
                    // The slope is the factor that the output got.
                    Assert.Equal(output[row, unit], slopes.Of(0, 128)[row, unit]);
                    (sum, dropped, count) = (sum + output[row, unit], dropped + (output[row, unit] == 0 ? 1 : 0), count + 1);
                }
            }
        }

        // 102,400 draws: four standard deviations are 0.0054.
        Assert.Equal(0.25, (double)dropped / count, 0.0055);
        Assert.Equal(1, sum / count, 0.0075);
    }

    [Fact]
    public void What_is_dropped_follows_from_seed_step_and_row_and_not_from_how_a_batch_is_cut()
    {
        var shape = new DnnShape(Layout, [2, 2], [8], Activation.Relu);
        Assert.Equal(Mask(shape, 7, 3, 0, 20), Mask(shape, 7, 3, 0, 20));
        Assert.Equal(Mask(shape, 7, 3, 0, 20)[(5 * 8)..(9 * 8)], Mask(shape, 7, 3, 5, 4));
        Assert.NotEqual(Mask(shape, 7, 3, 0, 20), Mask(shape, 7, 4, 0, 20));
        Assert.NotEqual(Mask(shape, 7, 3, 0, 20), Mask(shape, 8, 3, 0, 20));
    }

    static float[] Mask(DnnShape shape, ulong seed, long step, int firstRow, int rows)
    {
        var slopes = new LayerSlopes(shape, 0.5, seed);
        slopes.BeginStep(step);
        var output = MatrixSpan.RowMajor(new float[rows * MatrixKernels.PaddedStride(8)], rows, 8, MatrixKernels.PaddedStride(8));
        output.Values.Fill(1f);
        slopes.Finish(0, firstRow, output);
        var mask = new float[rows * 8];
        for (var row = 0; row < rows; row++)
        {
            output.Values.Slice(row * output.RowStride, 8).CopyTo(mask.AsSpan(row * 8));
        }

        return mask;
    }
}
