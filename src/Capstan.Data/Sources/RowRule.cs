using System.Diagnostics;

namespace Capstan.Data;

/// <summary>
/// Which rows of a batch belong to a <see cref="RowSubset"/>. Pure: depends on the row's content or its place only.
/// </summary>
abstract class RowRule
{
    /// <summary>The column that decides; null where the row's place does.</summary>
    public abstract string? Column { get; }

    public abstract string Fingerprint { get; }

    /// <exception cref="ArgumentException">The column's type is of no use.</exception>
    public virtual void Check(Field column)
    {
    }

    /// <summary>Writes the indexes of the rows selected.</summary>
    /// <param name="firstPosition">The place of the batch's first row within its split.</param>
    /// <param name="selected">At least as long as the batch.</param>
    /// <returns>How many were written.</returns>
    public int Select(int splitIndex, long firstPosition, ColumnBatch batch, Span<int> selected)
    {
        var column = Column is string name ? batch[name] : null;
        var count = 0;
        for (var row = 0; row < batch.RowCount; row++)
        {
            selected[count] = row;
            count += IsSelected(splitIndex, firstPosition + row, column, row) ? 1 : 0;
        }

        return count;
    }

    protected abstract bool IsSelected(int splitIndex, long position, Column? column, int row);
}

sealed class HashRule(string? keyColumn, uint seed, int fromPerMille, int toPerMille) : RowRule
{
    public override string? Column => keyColumn;

    public uint Seed => seed;

    public int FromPerMille => fromPerMille;

    public int ToPerMille => toPerMille;

    public override string Fingerprint => $"hash of {keyColumn ?? "row"}, seed {seed}, {fromPerMille} to {toPerMille} per mille";

    public override void Check(Field column)
    {
        if (column.Type == DataType.TextList)
        {
            throw new ArgumentException(
                $"Column '{column.Name}' holds lists; rows can be selected by a column of single values only.", nameof(column));
        }
    }

    protected override bool IsSelected(int splitIndex, long position, Column? column, int row)
    {
        var hash = column is null ? MurmurHash3.Hash32(position, MurmurHash3.Hash32(splitIndex, seed)) : HashOf(column, row);
        var part = (int)((ulong)hash * 1000 >> 32);
        return part >= fromPerMille && part < toPerMille;
    }

    uint HashOf(Column column, int row)
    {
        if (!column.IsPresent(row))
        {
            return MurmurHash3.Hash32([], seed);
        }

        return column.Type switch
        {
            DataType.Int64 or DataType.Timestamp => MurmurHash3.Hash32(column.Int64s[row], seed),
            // Adding zero makes one of the two zeros, which are equal and must stay together.
            DataType.Float64 => MurmurHash3.Hash32(BitConverter.DoubleToInt64Bits(column.Float64s[row] + 0.0), seed),
            DataType.Boolean => MurmurHash3.Hash32([column.BooleanAt(row) ? (byte)1 : (byte)0], seed),
            DataType.Text => MurmurHash3.Hash32(column.TextAt(row), seed),
            _ => throw new UnreachableException(),
        };
    }
}

sealed class TimeRule(string timeColumn, long? from, long? before) : RowRule
{
    public override string? Column => timeColumn;

    public long? From => from;

    public long? Before => before;

    public override string Fingerprint => $"{timeColumn} from {from} before {before}";

    public override void Check(Field column)
    {
        if (column.Type != DataType.Timestamp)
        {
            throw new ArgumentException(
                $"Column '{column.Name}' is {Schema.NameOf(column.Type)}; rows can be selected by a timestamp column only. " +
                "Declare its type as timestamp " +
                "if it holds times.", nameof(column));
        }
    }

    protected override bool IsSelected(int splitIndex, long position, Column? column, int row)
    {
        if (!column!.IsPresent(row)) // this rule always has a column
        {
            return from is null;
        }

        var time = column.Int64s[row];
        return !(time < from) && !(time >= before);
    }
}
