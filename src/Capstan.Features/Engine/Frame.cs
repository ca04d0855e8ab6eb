using System.Buffers;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>A run of rows of a text column.</summary>
readonly record struct TextRows(Column Column, int Start)
{
    public bool IsPresent(int row) => Column.IsPresent(Start + row);

    public ReadOnlySpan<byte> this[int row] => Column.TextAt(Start + row);
}

/// <summary>A run of rows of a column of lists.</summary>
readonly record struct ListRows(Column Column, int Start)
{
    public bool IsPresent(int row) => Column.IsPresent(Start + row);

    /// <summary>Where the row's items are among <see cref="ItemAt"/>'s.</summary>
    public Range this[int row] => Column.ListOffsets[Start + row]..Column.ListOffsets[Start + row + 1];

    public int CountAt(int row) => Column.ListOffsets[Start + row + 1] - Column.ListOffsets[Start + row];

    public ReadOnlySpan<byte> ItemAt(int index) => Column.Items.TextAt(index);
}

/// <summary>
/// The registers of one plan in execution: vectors of up to <see cref="TileRows"/> values. In numbers (and truths: 1 or 0)
/// NaN stands for missing, in times <see cref="MissingTime"/>. One caller at a time.
/// </summary>
sealed class Frame
{
    /// <summary>Small enough that the registers of an ordinary plan stay in the second-level cache.</summary>
    public const int TileRows = 1024;

    public const long MissingTime = long.MinValue;

    // A caller of single rows, as a server is, never needs a whole tile: registers grow to the largest one seen.
    const int FirstRows = 16;

    readonly Plan _plan;
    readonly ArrayBufferWriter<byte> _bytes = new(256);
    readonly ArrayBufferWriter<char> _chars = new(256);
    byte[] _scratch = new byte[256];
    int _rows;
    Utf8Normalizer? _normalizer;

    public Frame(Plan plan)
    {
        _plan = plan;
        Inputs = new Column[plan.Columns.Length];
        BoundColumns = new int[plan.Columns.Length];
        Numbers = new double[plan.NumberRegisters][];
        Times = new long[plan.TimeRegisters][];
        Categories = new int[plan.CategoryRegisters][];
        Texts = new TextRows[plan.TextRegisters];
        TextBuilders = new ColumnBuilder?[plan.TextRegisters];
        Lists = new ListRows[plan.ListRegisters];
        ListBuilders = new ColumnBuilder?[plan.ListRegisters];
        Vectors = [.. plan.VectorWidths.Select(width => new TermVectors(width))];
        Grow(FirstRows);
    }

    /// <summary>The batch's columns in the order of <see cref="Plan.Columns"/>.</summary>
    public Column[] Inputs { get; }

    /// <summary>The schema of the batch that was bound last; null before the first.</summary>
    public Schema? BoundSchema { get; set; }

    /// <summary>[Inputs] their places in the columns of a batch of that schema.</summary>
    public int[] BoundColumns { get; }

    public double[][] Numbers { get; }

    public long[][] Times { get; }

    public int[][] Categories { get; }

    public TextRows[] Texts { get; }

    public ListRows[] Lists { get; }

    public TermVectors[] Vectors { get; }

    /// <summary>Tells apart the items of one list at a time.</summary>
    public ItemSet Items { get; } = new();

    /// <summary>The first row of the tile in the batch.</summary>
    public int Start { get; private set; }

    /// <summary>The rows of the tile.</summary>
    public int Count { get; private set; }

    public Utf8Normalizer Normalizer => _normalizer ??= new Utf8Normalizer();

    ColumnBuilder?[] TextBuilders { get; }

    ColumnBuilder?[] ListBuilders { get; }

    /// <summary>Moves to a tile.</summary>
    /// <param name="count">Up to <see cref="TileRows"/>.</param>
    public void MoveTo(int start, int count)
    {
        (Start, Count) = (start, count);
        if (count > _rows)
        {
            Grow(Math.Min(TileRows, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count)));
        }
    }

    /// <summary>
    /// Bytes to write on until the next call; kept, so that nothing is allocated once the longest text has been seen.
    /// </summary>
    public Span<byte> Scratch(long size)
    {
        if (size > _scratch.Length)
        {
            _scratch = new byte[checked((int)Math.Max(size, Math.Min(_scratch.Length * 2L, Array.MaxLength)))];
        }

        return _scratch.AsSpan(0, (int)size);
    }

    public ReadOnlySpan<double> Number(int register) => Numbers[register].AsSpan(0, Count);

    /// <summary>An empty writer for a text that is being made, until the next call; it keeps its memory.</summary>
    public ArrayBufferWriter<byte> BeginBytes()
    {
        _bytes.ResetWrittenCount();
        return _bytes;
    }

    /// <summary>As <see cref="BeginBytes"/>, in UTF-16.</summary>
    public ArrayBufferWriter<char> BeginChars()
    {
        _chars.ResetWrittenCount();
        return _chars;
    }

    /// <summary>An emptied builder for a text register; the register then shows its rows.</summary>
    public ColumnBuilder BeginText(int register)
    {
        var builder = TextBuilders[register] ??= new ColumnBuilder(DataType.Text);
        builder.Clear();
        Texts[register] = new TextRows(builder.Column, 0);
        return builder;
    }

    /// <summary>As <see cref="BeginText"/>, for a list register.</summary>
    public ColumnBuilder BeginList(int register)
    {
        var builder = ListBuilders[register] ??= new ColumnBuilder(DataType.TextList);
        builder.Clear();
        Lists[register] = new ListRows(builder.Column, 0);
        return builder;
    }

    void Grow(int rows)
    {
        _rows = rows;
        Grow(Numbers, rows);
        Grow(Times, rows);
        Grow(Categories, rows);
        foreach (var (register, value) in _plan.NumberConstants)
        {
            Array.Fill(Numbers[register], value);
        }

        foreach (var (register, value) in _plan.TimeConstants)
        {
            Array.Fill(Times[register], value);
        }

        foreach (var (register, value) in _plan.TextConstants)
        {
            var builder = new ColumnBuilder(DataType.Text);
            for (var row = 0; row < rows; row++)
            {
                builder.Append(value);
            }

            Texts[register] = new TextRows(builder.Column, 0);
        }
    }

    static void Grow<T>(T[][] registers, int rows)
    {
        for (var register = 0; register < registers.Length; register++)
        {
            registers[register] = new T[rows];
        }
    }
}
