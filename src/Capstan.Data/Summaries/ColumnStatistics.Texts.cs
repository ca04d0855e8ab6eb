namespace Capstan.Data;

/// <summary>What is observed of texts and lists of them.</summary>
public sealed partial class ColumnStatistics
{
    void ObserveText(Column column)
    {
        var (values, distinct) = (Values!, Distinct!); // a text column's, by construction
        var bytes = column.TextBytes;
        var offsets = column.TextOffsets;
        var lengths = ScratchOf(ref _lengths, column.Length);
        var present = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (!column.IsPresent(row))
            {
                continue;
            }

            var value = bytes[offsets[row]..offsets[row + 1]];
            var hash = ValueHash.Of(value);
            if (values.Observe(value, hash))
            {
                distinct.ObserveHash(hash);
            }

            lengths[present++] = value.Length;
        }

        Lengths!.Observe(lengths[..present]);
    }

    void ObserveLists(Column column)
    {
        var (values, distinct) = (Values!, Distinct!); // a column of lists', by construction
        var items = column.Items;
        var offsets = column.ListOffsets;
        for (var item = 0; item < items.Length; item++)
        {
            var hash = ValueHash.Of(items.TextAt(item));
            if (values.Observe(items.TextAt(item), hash))
            {
                distinct.ObserveHash(hash);
            }
        }

        var lengths = ScratchOf(ref _lengths, column.Length);
        var present = 0;
        for (var row = 0; row < column.Length; row++)
        {
            lengths[present] = offsets[row + 1] - offsets[row];
            present += column.IsPresent(row) ? 1 : 0;
        }

        Lengths!.Observe(lengths[..present]);
    }
}
