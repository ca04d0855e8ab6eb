namespace Capstan.Data.Tests.Kernels;

public sealed class MatrixSpanTests
{
    [Fact]
    public void A_transposed_matrix_shows_the_same_memory()
    {
        var matrix = MatrixSpan.RowMajor([1, 2, 3, 0, 4, 5, 6, 0], 2, 3, 4);
        Assert.Equal(6, matrix[1, 2]);
        matrix.Transposed[2, 1] = 7;
        Assert.Equal(7, matrix[1, 2]);
        Assert.Equal(3, matrix.Transposed.Rows);
    }

    [Fact]
    public void Column_major_puts_columns_a_stride_apart() =>
        Assert.Equal(5, MatrixSpan.ColumnMajor([1, 2, 3, 4, 5, 6], 2, 2, 3)[1, 1]);

    [Theory]
    [InlineData(8, 2, 3, 5, 1, true)]
    [InlineData(8, 2, 3, 6, 1, false)]
    [InlineData(0, 0, 9, 9, 1, true)]
    [InlineData(0, 9, 0, 9, 1, true)]
    [InlineData(8, -1, 1, 1, 1, false)]
    [InlineData(8, 1, 1, -1, 1, false)]
    [InlineData(8, int.MaxValue, int.MaxValue, int.MaxValue, 1, false)]
    public void A_matrix_must_fit_its_memory(int length, int rows, int columns, int rowStride, int columnStride, bool fits)
    {
        var memory = new float[length];
        void Make() => _ = new MatrixSpan(memory, rows, columns, rowStride, columnStride).Rows;
        if (fits)
        {
            Make();
        }
        else
        {
            Assert.Throws<ArgumentException>(Make);
        }
    }

    [Fact]
    public void Slicing_takes_consecutive_rows()
    {
        var matrix = MatrixSpan.RowMajor([1, 2, 3, 4, 5, 6], 3, 2, 2).SliceRows(1, 2);
        Assert.Equal([2, 3, 6], [matrix.Rows, (int)matrix[0, 0], (int)matrix[1, 1]]);
        Assert.Equal(0, matrix.SliceRows(2, 0).Rows);
    }

    [Fact]
    public void An_aligned_buffer_begins_on_a_cache_line_and_at_zero()
    {
        for (var length = 0; length < 20; length++)
        {
            var buffer = new AlignedBuffer(length);
            Assert.Equal(length, buffer.Span.Length);
            Assert.All(buffer.Span.ToArray(), value => Assert.Equal(0, value));
            unsafe
            {
                fixed (float* first = buffer.Span)
                {
                    Assert.Equal(0u, (nuint)first % 64);
                }
            }
        }
    }
}
