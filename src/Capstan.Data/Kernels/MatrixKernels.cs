using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Capstan.Data;

/// <summary>
/// Products of small matrices, the arithmetic of dense layers. Every element of a result is one chain of fused multiply-adds,
/// over the inner index in ascending order, from its starting value: so it has the same bits alone or among any number of rows,
/// whatever the tiling, on every CPU (blueprint D2).
/// </summary>
/// <remarks>
/// Fast through register tiles (<see cref="TiledProduct"/>); <see cref="MatrixKernelsReference"/> is the readable version. What
/// they give up: W, Y and gates must be row-major with a width that is a multiple of 8 (pad with zeros). X may have any strides.
/// Results must not overlap inputs. Nothing is allocated.
/// </remarks>
public static unsafe class MatrixKernels
{
    /// <summary>Widths of weights and results are multiples of this.</summary>
    public const int WidthMultiple = 8;

    /// <summary>The width with its padding.</summary>
    public static int PaddedWidth(int width) => checked(width + WidthMultiple - 1) / WidthMultiple * WidthMultiple;

    /// <summary>
    /// A row stride for a matrix of that width that many rows are read from column by column: whole cache lines, and an odd
    /// number of them, because rows a power of two apart would all compete for the same few places of the first-level cache.
    /// </summary>
    public static int PaddedStride(int width) => ((checked(width + 15) / 16) | 1) * 16;

    /// <summary>A dense layer forward: <c>y = activation(bias + x · weights)</c>.</summary>
    /// <param name="x">[rows × inputs].</param>
    /// <param name="weights">[inputs × outputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="y">[rows × outputs], overwritten.</param>
    /// <exception cref="ArgumentException">The shapes do not fit together, or weights or results are not laid out as
    /// needed.</exception>
    public static void Affine(MatrixSpan x, MatrixSpan weights, ReadOnlySpan<float> bias, Activation activation, MatrixSpan y)
    {
        Check(x, weights, y);
        if (bias.Length != y.Columns)
        {
            ThrowShape($"The bias has {bias.Length} numbers, the result {y.Columns} columns.");
        }

        fixed (float* px = x.Values, pw = weights.Values, pb = bias, py = y.Values)
        {
            var product = Product(x, px, weights, pw, y, py);
            product.Start = pb;
            Run(product, activation, y.Rows, y.Columns);
        }
    }

    /// <summary>
    /// <c>y = activation(y + x · weights)</c>. With <see cref="Activation.Identity"/>, and x transposed and weights being the
    /// gradient of a layer's outputs, this adds to the gradient of its weights, row after row.
    /// </summary>
    /// <param name="x">[rows × inputs].</param>
    /// <param name="weights">[inputs × outputs].</param>
    /// <param name="y">[rows × outputs], read and overwritten.</param>
    /// <exception cref="ArgumentException">As in <see cref="Affine"/>.</exception>
    public static void Accumulate(MatrixSpan x, MatrixSpan weights, Activation activation, MatrixSpan y)
    {
        Check(x, weights, y);
        fixed (float* px = x.Values, pw = weights.Values, py = y.Values)
        {
            var product = Product(x, px, weights, pw, y, py);
            product.Start = py;
            product.StartStride = y.RowStride;
            Run(product, activation, y.Rows, y.Columns);
        }
    }

    /// <summary><c>y = x · weights</c>: with transposed weights, the gradient of a layer's inputs.</summary>
    /// <param name="x">[rows × inputs].</param>
    /// <param name="weights">[inputs × outputs].</param>
    /// <param name="y">[rows × outputs], overwritten.</param>
    /// <exception cref="ArgumentException">As in <see cref="Affine"/>.</exception>
    public static void Multiply(MatrixSpan x, MatrixSpan weights, MatrixSpan y)
    {
        Check(x, weights, y);
        fixed (float* px = x.Values, pw = weights.Values, py = y.Values)
        {
            Product(x, px, weights, pw, y, py).Run<StoreSums>(y.Rows, y.Columns);
        }
    }

    /// <summary>
    /// <c>y = x · weights</c> where <paramref name="activations"/> is positive, else 0: the gradient of sums under a ReLU.
    /// </summary>
    /// <param name="x">[rows × inputs].</param>
    /// <param name="weights">[inputs × outputs].</param>
    /// <param name="activations">[rows × outputs], what the ReLU gave.</param>
    /// <param name="y">[rows × outputs], overwritten.</param>
    /// <exception cref="ArgumentException">As in <see cref="Affine"/>.</exception>
    public static void MultiplyThroughRelu(MatrixSpan x, MatrixSpan weights, MatrixSpan activations, MatrixSpan y)
    {
        Check(x, weights, y);
        if (activations.Rows != y.Rows || activations.Columns != y.Columns || activations.ColumnStride != 1)
        {
            ThrowShape(
                $"The activations are {activations.Rows} × {activations.Columns} and must be row-major like the result, " +
                $"which is {y.Rows} × {y.Columns}.");
        }

        fixed (float* px = x.Values, pw = weights.Values, pg = activations.Values, py = y.Values)
        {
            var product = Product(x, px, weights, pw, y, py);
            product.Gate = pg;
            product.GateStride = activations.RowStride;
            product.Run<StoreThroughGate>(y.Rows, y.Columns);
        }
    }

    /// <summary><c>sums[column] += x[row, column]</c>, row after row.</summary>
    /// <param name="x">[rows × columns], row-major, a multiple of 8 wide.</param>
    /// <param name="sums">[columns].</param>
    /// <exception cref="ArgumentException">The widths differ, or <paramref name="x"/> is not laid out as needed.</exception>
    public static void AddColumnSums(MatrixSpan x, Span<float> sums)
    {
        // A row of ones, made of a single one: 1 · x + sum rounds like x + sum.
        Span<float> one = [1];
        Accumulate(
            new MatrixSpan(one, 1, x.Rows, 0, 0), x, Activation.Identity, MatrixSpan.RowMajor(sums, 1, sums.Length, sums.Length));
    }

    /// <summary>
    /// Copies a matrix into another of the same shape; with <see cref="MatrixSpan.Transposed"/>, transposes it.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Copy(MatrixSpan source, MatrixSpan target)
    {
        if (source.Rows != target.Rows || source.Columns != target.Columns)
        {
            ThrowShape($"The source is {source.Rows} × {source.Columns}, the target {target.Rows} × {target.Columns}.");
        }

        fixed (float* sources = source.Values, targets = target.Values)
        {
            for (var row = 0; row < source.Rows; row++)
            {
                var (from, to) = ((nint)row * source.RowStride, (nint)row * target.RowStride);
                for (var column = 0; column < source.Columns; column++)
                {
                    targets[to] = sources[from];
                    from += source.ColumnStride;
                    to += target.ColumnStride;
                }
            }
        }
    }

    static void Run(in TiledProduct product, Activation activation, int rows, int columns)
    {
        switch (activation)
        {
            case Activation.Identity:
                product.Run<StoreSums>(rows, columns);
                break;
            case Activation.Relu:
                product.Run<StoreRelu>(rows, columns);
                break;
            default:
                throw new UnreachableException($"Activation {activation}.");
        }
    }

    static TiledProduct Product(MatrixSpan x, float* px, MatrixSpan weights, float* pw, MatrixSpan y, float* py) => new()
    {
        X = px,
        XRowStride = x.RowStride,
        XColumnStride = x.ColumnStride,
        W = pw,
        WStride = weights.RowStride,
        Depth = x.Columns,
        Y = py,
        YStride = y.RowStride,
    };

    static void Check(MatrixSpan x, MatrixSpan weights, MatrixSpan y)
    {
        if (x.Rows != y.Rows || x.Columns != weights.Rows || weights.Columns != y.Columns)
        {
            ThrowShape($"{x.Rows} × {x.Columns} times {weights.Rows} × {weights.Columns} is no {y.Rows} × {y.Columns} matrix.");
        }

        if (weights.ColumnStride != 1 || y.ColumnStride != 1 || y.Columns % WidthMultiple != 0)
        {
            ThrowShape(
                $"Weights and result must be row-major and a multiple of {WidthMultiple} wide; they are {y.Columns} wide.");
        }
    }

    [DoesNotReturn]
    static void ThrowShape(string message) => throw new ArgumentException(message);
}
