using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>Counts how one column's values compare.</summary>
sealed class SkewTally(double tolerance, int mostExamples)
{
    readonly ImmutableArray<SkewExample>.Builder _examples = ImmutableArray.CreateBuilder<SkewExample>();
    long _matches;
    long _nearMatches;
    long _mismatches;
    long _onlyMine;
    long _onlyOther;

    public ColumnSkew Of(string column) =>
        new(column, _matches, _nearMatches, _mismatches, _onlyMine, _onlyOther, _examples.ToImmutable());

    public void Observe(Column mine, int row, Column other, int otherRow, Func<string> key)
    {
        switch (mine.IsPresent(row), other.IsPresent(otherRow))
        {
            case (false, false):
                _matches++;
                return;
            case (true, true) when AreEqual(mine, row, other, otherRow):
                _matches++;
                return;
            case (true, true) when AreNear(mine, row, other, otherRow):
                _nearMatches++;
                return;
            case (true, true):
                _mismatches++;
                break;
            case (true, false):
                _onlyMine++;
                break;
            default:
                _onlyOther++;
                break;
        }

        if (_examples.Count < mostExamples)
        {
            _examples.Add(new SkewExample(key(), RowKey.ShowValue(mine, row), RowKey.ShowValue(other, otherRow)));
        }
    }

    /// <summary>Of one type, or both numbers.</summary>
    public static bool AreComparable(DataType mine, DataType other) => mine == other || (IsNumber(mine) && IsNumber(other));

    static bool AreEqual(Column mine, int row, Column other, int otherRow) => mine.Type switch
    {
        _ when mine.Type != other.Type => NumberAt(mine, row) == NumberAt(other, otherRow),
        DataType.Float64 => mine.Float64s[row] == other.Float64s[otherRow],
        DataType.Boolean => mine.BooleanAt(row) == other.BooleanAt(otherRow),
        DataType.Text => mine.TextAt(row).SequenceEqual(other.TextAt(otherRow)),
        DataType.TextList => AreEqualLists(mine, row, other, otherRow),
        _ => mine.Int64s[row] == other.Int64s[otherRow],
    };

    static bool AreEqualLists(Column mine, int row, Column other, int otherRow)
    {
        var (first, count) = (mine.ListOffsets[row], mine.ListOffsets[row + 1] - mine.ListOffsets[row]);
        var otherFirst = other.ListOffsets[otherRow];
        if (other.ListOffsets[otherRow + 1] - otherFirst != count)
        {
            return false;
        }

        for (var item = 0; item < count; item++)
        {
            if (!mine.Items.TextAt(first + item).SequenceEqual(other.Items.TextAt(otherFirst + item)))
            {
                return false;
            }
        }

        return true;
    }

    bool AreNear(Column mine, int row, Column other, int otherRow)
    {
        if (!IsNumber(mine.Type))
        {
            return false;
        }

        var (x, y) = (NumberAt(mine, row), NumberAt(other, otherRow));
        return Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y));
    }

    static bool IsNumber(DataType type) => type is DataType.Int64 or DataType.Float64;

    static double NumberAt(Column column, int row) => column.Type == DataType.Int64 ? column.Int64s[row] : column.Float64s[row];
}
