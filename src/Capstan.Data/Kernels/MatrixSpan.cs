namespace Capstan.Data;

/// <summary>
/// A matrix laid over memory that someone else owns: element (row, column) lies at
/// <c>row × RowStride + column × ColumnStride</c>.
/// Row-major, column-major and transposed matrices differ only in their strides.
/// </summary>
public readonly ref struct MatrixSpan
{
    /// <exception cref="ArgumentException">The memory is too short for the last element, or a size or stride is
    /// negative.</exception>
    public MatrixSpan(Span<float> values, int rows, int columns, int rowStride, int columnStride)
    {
        if (rows < 0 || columns < 0 || rowStride < 0 || columnStride < 0
            || !Fits(values.Length, rows, columns, rowStride, columnStride))
        {
            throw new ArgumentException(
                $"A {rows} × {columns} matrix with strides {rowStride} and {columnStride} does not fit {values.Length} numbers.",
                nameof(values));
        }

        Values = values;
        Rows = rows;
        Columns = columns;
        RowStride = rowStride;
        ColumnStride = columnStride;
    }

    public Span<float> Values { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int RowStride { get; }

    public int ColumnStride { get; }

    public ref float this[int row, int column] => ref Values[row * RowStride + column * ColumnStride];

    /// <summary>The same memory with rows and columns exchanged.</summary>
    public MatrixSpan Transposed => new(Values, Columns, Rows, ColumnStride, RowStride);

    /// <summary>Rows of <paramref name="columns"/> neighbouring numbers, <paramref name="stride"/> apart.</summary>
    public static MatrixSpan RowMajor(Span<float> values, int rows, int columns, int stride) =>
        new(values, rows, columns, stride, 1);

    /// <summary>Columns of <paramref name="rows"/> neighbouring numbers, <paramref name="stride"/> apart.</summary>
    public static MatrixSpan ColumnMajor(Span<float> values, int rows, int columns, int stride) =>
        new(values, rows, columns, 1, stride);

    /// <summary>Some consecutive rows.</summary>
    public MatrixSpan SliceRows(int first, int count) =>
        count == 0
            ? new([], 0, Columns, RowStride, ColumnStride)
            : new(Values[(first * RowStride)..], count, Columns, RowStride, ColumnStride);

    static bool Fits(int length, int rows, int columns, int rowStride, int columnStride) =>
        rows == 0 || columns == 0 || (rows - 1L) * rowStride + (columns - 1L) * columnStride < length;
}
