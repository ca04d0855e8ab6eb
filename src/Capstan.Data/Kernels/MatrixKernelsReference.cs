namespace Capstan.Data;

/// <summary>
/// What <see cref="MatrixKernels"/> computes, written for the reader: every element is one chain of fused multiply-adds over the
/// inner index in ascending order. The tests hold the fast kernels to these bits.
/// </summary>
static class MatrixKernelsReference
{
    public static void Affine(MatrixSpan x, MatrixSpan weights, ReadOnlySpan<float> bias, Activation activation, MatrixSpan y)
    {
        for (var row = 0; row < y.Rows; row++)
        {
            for (var column = 0; column < y.Columns; column++)
            {
                y[row, column] = Activate(activation, Chain(bias[column], x, weights, row, column));
            }
        }
    }

    public static void Accumulate(MatrixSpan x, MatrixSpan weights, Activation activation, MatrixSpan y)
    {
        for (var row = 0; row < y.Rows; row++)
        {
            for (var column = 0; column < y.Columns; column++)
            {
                y[row, column] = Activate(activation, Chain(y[row, column], x, weights, row, column));
            }
        }
    }

    public static void Multiply(MatrixSpan x, MatrixSpan weights, MatrixSpan y)
    {
        for (var row = 0; row < y.Rows; row++)
        {
            for (var column = 0; column < y.Columns; column++)
            {
                y[row, column] = Chain(0, x, weights, row, column);
            }
        }
    }

    public static void MultiplyThroughRelu(MatrixSpan x, MatrixSpan weights, MatrixSpan activations, MatrixSpan y)
    {
        for (var row = 0; row < y.Rows; row++)
        {
            for (var column = 0; column < y.Columns; column++)
            {
                y[row, column] = activations[row, column] > 0 ? Chain(0, x, weights, row, column) : 0;
            }
        }
    }

    public static void AddColumnSums(MatrixSpan x, Span<float> sums)
    {
        for (var row = 0; row < x.Rows; row++)
        {
            for (var column = 0; column < x.Columns; column++)
            {
                sums[column] += x[row, column];
            }
        }
    }

    static float Chain(float start, MatrixSpan x, MatrixSpan weights, int row, int column)
    {
        var sum = start;
        for (var inner = 0; inner < x.Columns; inner++)
        {
            sum = MathF.FusedMultiplyAdd(x[row, inner], weights[inner, column], sum);
        }

        return sum;
    }

    static float Activate(Activation activation, float sum) => activation is Activation.Relu && sum < 0 ? 0 : sum;
}
