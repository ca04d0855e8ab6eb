using System.Runtime.InteropServices;

namespace Capstan.Data.Tests.Kernels;

public sealed class MatrixKernelsLaws
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 60).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Tiles_give_the_references_bits_for_any_shape_and_layout(ulong seed)
    {
        var random = new SeededRandom(seed);
        var rows = random.NextInt32(30);
        var depth = random.NextInt32(40);
        var width = MatrixKernels.WidthMultiple * (1 + random.NextInt32(6));
        var x = random.NextInt32(2) == 0
            ? MatrixSpan.RowMajor(Values(random, rows * (depth + 3)), rows, depth, depth + 3)
            : MatrixSpan.ColumnMajor(Values(random, depth * (rows + 5)), rows, depth, rows + 5);
        var weights = MatrixSpan.RowMajor(Values(random, depth * (width + 8)), depth, width, width + 8);
        var bias = Values(random, width);
        var gate = MatrixSpan.RowMajor(Values(random, rows * width), rows, width, width);
        var start = Values(random, rows * (width + 2));

        // The others are elementwise (ActivationKernels): a product leaves them sums.
        foreach (var activation in Enum.GetValues<Activation>().Where(activation => !ActivationKernels.Computes(activation)))
        {
            var (expected, actual) = Copies(start);
            MatrixKernelsReference.Affine(x, weights, bias, activation, Result(expected));
            MatrixKernels.Affine(x, weights, bias, activation, Result(actual));
            AssertSameBits(expected, actual);

            (expected, actual) = Copies(start);
            MatrixKernelsReference.Accumulate(x, weights, activation, Result(expected));
            MatrixKernels.Accumulate(x, weights, activation, Result(actual));
            AssertSameBits(expected, actual);
        }

        var (expectedProduct, actualProduct) = Copies(start);
        MatrixKernelsReference.Multiply(x, weights, Result(expectedProduct));
        MatrixKernels.Multiply(x, weights, Result(actualProduct));
        AssertSameBits(expectedProduct, actualProduct);

        MatrixKernelsReference.MultiplyThroughRelu(x, weights, gate, Result(expectedProduct));
        MatrixKernels.MultiplyThroughRelu(x, weights, gate, Result(actualProduct));
        AssertSameBits(expectedProduct, actualProduct);

        var (expectedSums, actualSums) = Copies(bias);
        MatrixKernelsReference.AddColumnSums(gate, expectedSums);
        MatrixKernels.AddColumnSums(gate, actualSums);
        AssertSameBits(expectedSums, actualSums);

        MatrixSpan Result(float[] values) => MatrixSpan.RowMajor(values, rows, width, width + 2);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_row_has_the_references_bits_for_any_width(ulong seed)
    {
        var random = new SeededRandom(seed);
        var (depth, width) = (random.NextInt32(40), MatrixKernels.WidthMultiple * (1 + random.NextInt32(30)));
        var x = MatrixSpan.RowMajor(Values(random, depth), 1, depth, depth);
        var weights = MatrixSpan.RowMajor(Values(random, depth * width), depth, width, width);
        var bias = Values(random, width);
        var gate = MatrixSpan.RowMajor(Values(random, width), 1, width, width);
        var (expected, actual) = Copies(Values(random, width));
        MatrixKernelsReference.Affine(x, weights, bias, Activation.Relu, MatrixSpan.RowMajor(expected, 1, width, width));
        MatrixKernels.Affine(x, weights, bias, Activation.Relu, MatrixSpan.RowMajor(actual, 1, width, width));
        AssertSameBits(expected, actual);
        MatrixKernelsReference.MultiplyThroughRelu(x, weights, gate, MatrixSpan.RowMajor(expected, 1, width, width));
        MatrixKernels.MultiplyThroughRelu(x, weights, gate, MatrixSpan.RowMajor(actual, 1, width, width));
        AssertSameBits(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_row_has_the_same_bits_alone_and_among_others(ulong seed)
    {
        var random = new SeededRandom(seed);
        var (rows, depth, width) = (
            1 + random.NextInt32(150), 1 + random.NextInt32(50), MatrixKernels.WidthMultiple * (1 + random.NextInt32(4)));
        var x = MatrixSpan.RowMajor(Values(random, rows * depth), rows, depth, depth);
        var weights = MatrixSpan.RowMajor(Values(random, depth * width), depth, width, width);
        var bias = Values(random, width);
        var (together, alone) = (new float[rows * width], new float[rows * width]);
        MatrixKernels.Affine(x, weights, bias, Activation.Relu, MatrixSpan.RowMajor(together, rows, width, width));
        for (var row = 0; row < rows; row++)
        {
            MatrixKernels.Affine(
                x.SliceRows(row, 1), weights, bias, Activation.Relu,
                MatrixSpan.RowMajor(alone.AsSpan(row * width), 1, width, width));
        }

        AssertSameBits(alone, together);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rows_accumulated_in_pieces_have_the_bits_of_one_piece(ulong seed)
    {
        var random = new SeededRandom(seed);
        var (rows, inputs, width) = (
            2 + random.NextInt32(150), 1 + random.NextInt32(20), MatrixKernels.WidthMultiple * (1 + random.NextInt32(4)));
        var x = MatrixSpan.RowMajor(Values(random, rows * inputs), rows, inputs, inputs);
        var gradients = MatrixSpan.RowMajor(Values(random, rows * width), rows, width, width);
        var cut = 1 + random.NextInt32(rows - 1);
        var (whole, pieces) = (new float[inputs * width], new float[inputs * width]);
        Accumulate(0, rows, whole, x, gradients);
        Accumulate(0, cut, pieces, x, gradients);
        Accumulate(cut, rows - cut, pieces, x, gradients);
        AssertSameBits(whole, pieces);

        void Accumulate(int first, int count, float[] sums, MatrixSpan left, MatrixSpan right) => MatrixKernels.Accumulate(
            left.SliceRows(first, count).Transposed, right.SliceRows(first, count), Activation.Identity,
            MatrixSpan.RowMajor(sums, inputs, width, width));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Copying_transposed_twice_gives_the_matrix_back(ulong seed)
    {
        var random = new SeededRandom(seed);
        var (rows, columns) = (random.NextInt32(9), random.NextInt32(9));
        var values = Values(random, rows * columns);
        var (once, twice) = (new float[values.Length], new float[values.Length]);
        MatrixKernels.Copy(
            MatrixSpan.RowMajor(values, rows, columns, columns).Transposed, MatrixSpan.RowMajor(once, columns, rows, rows));
        MatrixKernels.Copy(
            MatrixSpan.RowMajor(once, columns, rows, rows).Transposed, MatrixSpan.RowMajor(twice, rows, columns, columns));
        Assert.Equal(values, twice);
    }

    // Among them zeros of both signs, because padding and dead units are made of those.
    static float[] Values(SeededRandom random, int count) =>
        [.. Enumerable.Range(0, count)
            .Select(_ => random.NextInt32(8) switch { 0 => 0f, 1 => -0f, _ => (float)random.NextNormal() })];

    static (float[] Expected, float[] Actual) Copies(float[] values) => ([.. values], [.. values]);

    static void AssertSameBits(float[] expected, float[] actual) =>
        Assert.Equal(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());
}
