using Capstan.Training;

namespace Capstan.Parameters;

/// <summary>Which rows of each table of a replica are needed, each once.</summary>
sealed class TableRows(Replica replica)
{
    readonly Dictionary<int, int[]> _rows = replica.Tables.ToDictionary(table => table.Block, _ => Array.Empty<int>());
    readonly Dictionary<int, int> _counts = replica.Tables.ToDictionary(table => table.Block, _ => 0);
    readonly Dictionary<(int Block, int FirstRow), int[]> _within = [];

    /// <summary>Those of some rows of a batch.</summary>
    public void Set(TrainingBatch batch, int firstRow, int rowCount)
    {
        foreach (var table in replica.Tables)
        {
            var rows = Room(table, Math.Min(table.Rows, rowCount));
            _counts[table.Block] = table.Distinct(batch.Features.Category(table.Feature).Slice(firstRow, rowCount), rows);
        }
    }

    /// <summary>A range of all tables, for reading models out piece by piece.</summary>
    /// <returns>False if no table has rows there.</returns>
    public bool SetRange(int firstRow, int count)
    {
        var isAny = false;
        foreach (var table in replica.Tables)
        {
            var length = Math.Clamp(table.Rows - firstRow, 0, count);
            var rows = Room(table, length);
            for (var index = 0; index < length; index++)
            {
                rows[index] = firstRow + index;
            }

            _counts[table.Block] = length;
            isAny |= length > 0;
        }

        return isAny;
    }

    /// <summary>Those of a table that are in a slice, counted from the slice's first.</summary>
    public ReadOnlySpan<int> Within(ReplicaTable table, BlockSlice slice)
    {
        var all = _rows[table.Block].AsSpan(0, _counts[table.Block]);
        if (slice.FirstRow == 0 && slice.Rows == table.Rows)
        {
            return all;
        }

        if (!_within.TryGetValue((slice.Block, slice.FirstRow), out var within) || within.Length < all.Length)
        {
            within = new int[all.Length];
            _within[(slice.Block, slice.FirstRow)] = within;
        }

        var count = 0;
        foreach (var row in all)
        {
            if (row >= slice.FirstRow && row < slice.EndRow)
            {
                within[count++] = row - slice.FirstRow;
            }
        }

        return within.AsSpan(0, count);
    }

    int[] Room(ReplicaTable table, int length)
    {
        if (_rows[table.Block].Length < length)
        {
            _rows[table.Block] = new int[length];
        }

        return _rows[table.Block];
    }
}
