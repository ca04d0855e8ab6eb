namespace Capstan.Data.Tests.Kernels;

/// <summary>What every version of the kernels must do; run on the fast one and on its reference.</summary>
public abstract class MatrixKernelsSuite
{
    protected abstract void Affine(
        MatrixSpan x, MatrixSpan weights, ReadOnlySpan<float> bias, Activation activation, MatrixSpan y);

    protected abstract void Accumulate(MatrixSpan x, MatrixSpan weights, Activation activation, MatrixSpan y);

    protected abstract void Multiply(MatrixSpan x, MatrixSpan weights, MatrixSpan y);

    protected abstract void MultiplyThroughRelu(MatrixSpan x, MatrixSpan weights, MatrixSpan activations, MatrixSpan y);

    protected abstract void AddColumnSums(MatrixSpan x, Span<float> sums);

    [Fact]
    public void A_layer_adds_its_bias_to_the_product()
    {
        var y = new float[16];
        Affine(Matrix(2, 2, 1, 2, 3, 4), Weights([10, 1], [100, -1]), Row(0.5f, -0.5f), Activation.Identity,
            MatrixSpan.RowMajor(y, 2, 8, 8));
        Assert.Equal([210.5f, -1.5f, 430.5f, -1.5f], [y[0], y[1], y[8], y[9]]);
    }

    [Fact]
    public void A_relu_cuts_off_negative_sums_and_keeps_nan()
    {
        var y = new float[8];
        Affine(Matrix(1, 1, 1), Weights([-2, 3, float.NaN]), Row(), Activation.Relu, MatrixSpan.RowMajor(y, 1, 8, 8));
        Assert.Equal([0, 3, float.NaN, 0, 0, 0, 0, 0], y);
    }

    [Fact]
    public void A_layer_without_inputs_gives_its_bias()
    {
        var y = new float[8];
        Affine(Matrix(1, 0), MatrixSpan.RowMajor([], 0, 8, 8), Row(1, -2), Activation.Relu, MatrixSpan.RowMajor(y, 1, 8, 8));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0], y);
    }

    [Fact]
    public void No_rows_are_no_work() =>
        Affine(Matrix(0, 1), Weights([1]), Row(), Activation.Identity, MatrixSpan.RowMajor([], 0, 8, 8));

    [Fact]
    public void Accumulating_starts_from_what_is_there()
    {
        float[] y = [5, -9, 0, 0, 0, 0, 0, 0];
        Accumulate(Matrix(1, 2, 1, 2), Weights([1, 1], [1, 1]), Activation.Relu, MatrixSpan.RowMajor(y, 1, 8, 8));
        Assert.Equal([8, 0], y[..2]);
    }

    [Fact]
    public void Multiplying_overwrites_what_is_there()
    {
        float[] y = [5, -9, 1, 1, 1, 1, 1, 1];
        Multiply(Matrix(1, 2, 1, 2), Weights([1, 1], [1, -1]), MatrixSpan.RowMajor(y, 1, 8, 8));
        Assert.Equal([3, -1, 0, 0, 0, 0, 0, 0], y);
    }

    [Fact]
    public void A_gradient_passes_a_relu_only_where_it_was_positive()
    {
        var y = new float[8];
        MultiplyThroughRelu(
            Matrix(1, 1, 2), Weights([1, 1, 1, 1]), MatrixSpan.RowMajor(Row(0.5f, 0, -0f, float.NaN), 1, 8, 8),
            MatrixSpan.RowMajor(y, 1, 8, 8));
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0], y);
    }

    [Fact]
    public void Column_sums_add_to_what_is_there()
    {
        var sums = Row(1, 1, 1);
        AddColumnSums(Weights([1, 2, 3], [4, 5, 6]), sums);
        Assert.Equal(Row(6, 8, 10), sums);
    }

    static MatrixSpan Matrix(int rows, int columns, params float[] values) => MatrixSpan.RowMajor(values, rows, columns, columns);

    static float[] Row(params float[] values) => [.. values, .. new float[8 - values.Length]];

    static MatrixSpan Weights(params float[][] rows) =>
        MatrixSpan.RowMajor(rows.SelectMany(row => Row(row)).ToArray(), rows.Length, 8, 8);
}

public sealed class MatrixKernelsTests : MatrixKernelsSuite
{
    protected override void Affine(
        MatrixSpan x, MatrixSpan weights, ReadOnlySpan<float> bias, Activation activation, MatrixSpan y) =>
        MatrixKernels.Affine(x, weights, bias, activation, y);

    protected override void Accumulate(MatrixSpan x, MatrixSpan weights, Activation activation, MatrixSpan y) =>
        MatrixKernels.Accumulate(x, weights, activation, y);

    protected override void Multiply(MatrixSpan x, MatrixSpan weights, MatrixSpan y) => MatrixKernels.Multiply(x, weights, y);

    protected override void MultiplyThroughRelu(MatrixSpan x, MatrixSpan weights, MatrixSpan activations, MatrixSpan y) =>
        MatrixKernels.MultiplyThroughRelu(x, weights, activations, y);

    protected override void AddColumnSums(MatrixSpan x, Span<float> sums) => MatrixKernels.AddColumnSums(x, sums);

    [Fact]
    public void Shapes_that_do_not_fit_together_are_refused()
    {
        var eight = new float[64];
        Assert.Throws<ArgumentException>(() => MatrixKernels.Multiply(
            MatrixSpan.RowMajor(eight, 2, 3, 3), MatrixSpan.RowMajor(eight, 2, 8, 8), MatrixSpan.RowMajor(eight, 2, 8, 8)));
        Assert.Throws<ArgumentException>(() => MatrixKernels.Multiply(
            MatrixSpan.RowMajor(eight, 2, 2, 2), MatrixSpan.RowMajor(eight, 2, 7, 8), MatrixSpan.RowMajor(eight, 2, 7, 8)));
        Assert.Throws<ArgumentException>(() => MatrixKernels.Affine(
            MatrixSpan.RowMajor(eight, 2, 2, 2), MatrixSpan.RowMajor(eight, 2, 8, 8), new float[7],
            Activation.Relu, MatrixSpan.RowMajor(eight, 2, 8, 8)));
        Assert.Throws<ArgumentException>(() => MatrixKernels.AddColumnSums(MatrixSpan.RowMajor(eight, 2, 8, 8), new float[7]));
    }

    [Theory]
    [InlineData(1, 8, 16)]
    [InlineData(8, 8, 16)]
    [InlineData(9, 16, 16)]
    [InlineData(17, 24, 48)]
    [InlineData(64, 64, 80)]
    public void Widths_are_padded_to_vectors_and_strides_to_an_odd_number_of_cache_lines(int width, int padded, int stride)
    {
        Assert.Equal(padded, MatrixKernels.PaddedWidth(width));
        Assert.Equal(stride, MatrixKernels.PaddedStride(width));
    }
}

public sealed class MatrixKernelsReferenceTests : MatrixKernelsSuite
{
    protected override void Affine(
        MatrixSpan x, MatrixSpan weights, ReadOnlySpan<float> bias, Activation activation, MatrixSpan y) =>
        MatrixKernelsReference.Affine(x, weights, bias, activation, y);

    protected override void Accumulate(MatrixSpan x, MatrixSpan weights, Activation activation, MatrixSpan y) =>
        MatrixKernelsReference.Accumulate(x, weights, activation, y);

    protected override void Multiply(MatrixSpan x, MatrixSpan weights, MatrixSpan y) =>
        MatrixKernelsReference.Multiply(x, weights, y);

    protected override void MultiplyThroughRelu(MatrixSpan x, MatrixSpan weights, MatrixSpan activations, MatrixSpan y) =>
        MatrixKernelsReference.MultiplyThroughRelu(x, weights, activations, y);

    protected override void AddColumnSums(MatrixSpan x, Span<float> sums) => MatrixKernelsReference.AddColumnSums(x, sums);
}
