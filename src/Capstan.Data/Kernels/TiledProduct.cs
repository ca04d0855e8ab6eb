namespace Capstan.Data;

/// <summary>
/// <c>Y = finish(S + X W)</c> with raw addresses. X may have any strides; rows of W, S, Y and the gate are contiguous. A start
/// stride of 0 repeats one row of starts (a bias); no start at all means 0.
/// </summary>
unsafe partial struct TiledProduct
{
    public float* X;
    public nint XRowStride;
    public nint XColumnStride;
    public float* W;
    public nint WStride;
    public nint Depth;
    public float* Start;
    public nint StartStride;
    public float* Gate;
    public nint GateStride;
    public float* Y;
    public nint YStride;

    /// <summary>
    /// Computes all rows and columns (a multiple of 8). A tile of 6 × 16 sums lives in 12 of the 16 registers that AVX2 has; the
    /// 16 columns of W stay in the first-level cache while the rows of X pass by. Which tile an element falls into never changes
    /// its bits, because each element is its own chain of fused multiply-adds.
    /// </summary>
    public readonly void Run<TFinish>(int rows, int columns)
        where TFinish : struct, ITileFinish
    {
        if (rows == 1)
        {
            RunSingle<TFinish>(columns);
            return;
        }

        for (var column = 0; column < columns;)
        {
            var isWide = columns - column >= 16;
            for (var row = 0; row < rows;)
            {
                var height = Height(rows - row);
                switch (height, isWide)
                {
                    case (6, true):
                        Tile6x16<TFinish>(row, column);
                        break;
                    case (6, false):
                        Tile6x8<TFinish>(row, column);
                        break;
                    case (4, true):
                        Tile4x16<TFinish>(row, column);
                        break;
                    case (4, false):
                        Tile4x8<TFinish>(row, column);
                        break;
                    case (_, true):
                        Tile1x16<TFinish>(row, column);
                        break;
                    default:
                        Tile1x8<TFinish>(row, column);
                        break;
                }

                row += height;
            }

            column += isWide ? 16 : 8;
        }
    }

    // Sixes and fours cover every number above 3 with at most one row left over; 8 and 9 are best as two fours.
    static int Height(int rowsLeft) => rowsLeft switch
    {
        >= 10 or 6 or 7 => 6,
        >= 4 => 4,
        _ => 1,
    };
}
