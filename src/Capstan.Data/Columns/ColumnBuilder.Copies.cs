namespace Capstan.Data;

/// <summary>Rows copied from another column of the same type.</summary>
public sealed partial class ColumnBuilder
{
    /// <summary>One row of another column of the same type.</summary>
    public void AppendFrom(Column source, int row)
    {
        if (!source.IsPresent(row))
        {
            AppendMissing();
            return;
        }

        switch (Type)
        {
            case DataType.Int64 or DataType.Timestamp:
                Append(source.Words[row]);
                break;
            case DataType.Float64:
                Append(source.Doubles[row]);
                break;
            case DataType.Boolean:
                Append(source.BooleanAt(row));
                break;
            case DataType.Text:
                Append(source.TextAt(row));
                break;
            case DataType.TextList:
                for (var item = source.Offsets[row]; item < source.Offsets[row + 1]; item++)
                {
                    Items.Append(source.Items.TextAt(item));
                }

                AppendList();
                break;
        }
    }

    /// <summary>Consecutive rows of another column of the same type.</summary>
    public void AppendRange(Column source, int start, int count)
    {
        if (source.MissingCount == 0 && Type is DataType.Float64)
        {
            AppendPresent(source.Doubles.AsSpan(start, count));
        }
        else if (source.MissingCount == 0 && Type is (DataType.Int64 or DataType.Timestamp))
        {
            AppendPresent(source.Words.AsSpan(start, count));
        }
        else if ((start & 63) == 0 && Type is DataType.Float64)
        {
            Append(source.Doubles.AsSpan(start, count), source.ValidityWords.AsSpan(start >> 6));
        }
        else if ((start & 63) == 0 && Type is (DataType.Int64 or DataType.Timestamp))
        {
            Append(source.Words.AsSpan(start, count), source.ValidityWords.AsSpan(start >> 6));
        }
        else if ((start & 63) == 0 && Type is DataType.Text && count > 0)
        {
            AppendTexts(source, start, count);
        }
        else
        {
            for (var row = start; row < start + count; row++)
            {
                AppendFrom(source, row);
            }
        }
    }

    /// <summary>Some rows of another column of the same type, in any order.</summary>
    public void AppendRows(Column source, ReadOnlySpan<int> rows)
    {
        if (source.MissingCount > 0 || Type is DataType.Boolean or DataType.Text or DataType.TextList)
        {
            foreach (var row in rows)
            {
                AppendFrom(source, row);
            }

            return;
        }

        var first = Reserve(rows.Length);
        if (Type is DataType.Float64)
        {
            Gather(source.Doubles, rows, _column.Doubles.AsSpan(first));
        }
        else
        {
            Gather(source.Words, rows, _column.Words.AsSpan(first));
        }

        MarkPresent(first, rows.Length);
    }

    static void Gather<T>(T[] values, ReadOnlySpan<int> rows, Span<T> result)
    {
        for (var index = 0; index < rows.Length; index++)
        {
            result[index] = values[rows[index]];
        }
    }
}
