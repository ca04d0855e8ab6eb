using Capstan.Data;

namespace Capstan;

/// <summary>Rows to try an imported model on where there are none of its data; nothing in them is missing.</summary>
static class ExampleRows
{
    const int RowCount = 4;

    /// <param name="varied">Small numbers of both signs; otherwise zeros, which more models take.</param>
    public static ColumnBatch Make(Schema schema, bool varied)
    {
        var rows = new BatchBuilder(schema);
        for (var row = 0; row < RowCount; row++)
        {
            for (var index = 0; index < rows.Columns.Length; index++)
            {
                Append(rows.Columns[index], varied ? row : 0, index);
            }
        }

        return rows.Batch;
    }

    // Integers may be places in a table, so they are 0: what every table has.
    static void Append(ColumnBuilder column, int row, int index)
    {
        switch (column.Type)
        {
            case DataType.Float64:
                column.Append(row == 0 ? 0.0 : (row * 7 + index * 3) % 11 / 4.0 - 1);
                break;
            case DataType.Boolean:
                column.Append(row % 2 == 1);
                break;
            case DataType.Text:
                column.Append("");
                break;
            case DataType.TextList:
                column.AppendList();
                break;
            default:
                column.Append(0L);
                break;
        }
    }
}
