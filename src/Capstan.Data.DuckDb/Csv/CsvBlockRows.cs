using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>
/// Appends rows block by block and column by column. Stops before a row that is not read as the schema says, or can't be cut with
/// others: <see cref="CsvScan"/> reads that one by itself and knows what is wrong with it.
/// </summary>
sealed class CsvBlockRows
{
    const int FewestRows = 16;

    readonly CsvRecords _records;
    readonly CsvBlock _block;
    readonly ImmutableArray<CsvBlockColumn> _columns;
    int _most = RowScan.BatchRows;

    /// <param name="targets">Per column of the file its place in the batch, or −1.</param>
    /// <param name="isChecked">Whether a column's cells decide about the row; columns of text have none that do.</param>
    public CsvBlockRows(
        CsvRecords records, CsvBlock block, ImmutableArray<Field> columns, int[] targets, bool[] isChecked, CellText cells)
    {
        (_records, _block) = (records, block);
        _columns =
        [
            .. columns.Select((column, index) => (column, index)).Where(each => targets[each.index] >= 0 || isChecked[each.index])
                .Select(each => new CsvBlockColumn(each.index, each.column.Type, targets[each.index], cells)),
        ];
    }

    /// <returns>How many rows were appended, at most <paramref name="room"/>.</returns>
    public int Fill(BatchBuilder target, int room)
    {
        var filled = 0;
        while (filled < room)
        {
            var text = _records.Cut(_block, Math.Min(_most, room - filled));
            var rows = _block.ValidRows;
            foreach (var column in _columns)
            {
                rows = column.Read(_block, text, rows);
            }

            foreach (var column in _columns)
            {
                column.AppendTo(target, _block, text, rows);
            }

            _records.Pass(_block, rows);
            filled += rows;
            var isWhole = rows == _block.Rows;
            // Bad rows come in crowds, and what lies behind one in its block is cut again.
            _most = isWhole ? Math.Min(RowScan.BatchRows, 2 * _most) : Math.Max(FewestRows, rows);
            if (!isWhole || rows == 0)
            {
                break;
            }
        }

        return filled;
    }
}
