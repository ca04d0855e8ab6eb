using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>A column that has one value in all rows of a file.</summary>
/// <param name="Index">Its place in the batch.</param>
/// <param name="Text">The value of a text column; null where it is missing, or of another type.</param>
readonly record struct ConstantColumn(int Index, Cell Cell, byte[]? Text)
{
    public void AppendTo(ColumnBuilder target, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (Text is null)
            {
                Cell.AppendTo(target);
            }
            else
            {
                target.Append(Text);
            }
        }
    }
}

/// <summary>A reading of a file with the columns added that its rows do not hold.</summary>
/// <param name="file">Fills the columns that the file has.</param>
/// <param name="countedIndex">One of them, whose length tells how many rows there are.</param>
/// <param name="counted">Where the file's rows go that only count; null: into the batch.</param>
sealed class CompletedScan(
    RowScan file, int countedIndex, BatchBuilder? counted, ImmutableArray<ConstantColumn> constants) : RowScan
{
    public override bool Fill(BatchBuilder target)
    {
        counted?.Clear();
        if (!file.Fill(counted ?? target))
        {
            return false;
        }

        var rows = (counted ?? target).Columns[countedIndex].Length;
        foreach (var constant in constants)
        {
            constant.AppendTo(target.Columns[constant.Index], rows);
        }

        return true;
    }

    public override void Dispose() => file.Dispose();
}
