namespace Capstan.Training;

/// <summary>
/// Packed rows that are kept together: [rowCount × row bytes], then [rowCount] 4-byte weights if any is not 1. In memory
/// (pinned, since rows are read by address) or at a place in the spill file.
/// </summary>
/// <param name="Memory">Null if spilled.</param>
/// <param name="FileOffset">Where it begins in the spill file, if spilled.</param>
sealed record StoredBlock(int RowCount, int ByteCount, bool Weighted, byte[]? Memory, long FileOffset);

/// <summary>How many rows make a block and how many blocks make a shuffling window, which follow from the layout alone.</summary>
/// <param name="BlockRows">A power of two.</param>
/// <param name="WindowBlocks">At least 16.</param>
readonly record struct BlockShape(int BlockRows, int WindowBlocks)
{
    const int MaxBlockRows = 8192;
    const int MinBlockRows = 64;
    const int MaxBlockBytes = 1 << 20;
    const int MaxWindowBytes = 64 << 20;
    const int MinWindowBlocks = 16;

    // The permutation of a window takes 4 bytes a row: 8 MiB.
    const int MaxWindowRows = 1 << 21;

    public int BlockShift => System.Numerics.BitOperations.Log2((uint)BlockRows);

    public static BlockShape Of(int rowBytes)
    {
        var rows = MaxBlockRows;
        while (rows > MinBlockRows && (long)rows * rowBytes > MaxBlockBytes)
        {
            rows /= 2;
        }

        var blocks = Math.Min(MaxWindowBytes / ((long)rows * rowBytes), MaxWindowRows / rows);
        return new BlockShape(rows, (int)Math.Max(blocks, MinWindowBlocks));
    }
}
