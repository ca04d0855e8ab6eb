using System.Formats.Cbor;

namespace Capstan.Data;

public sealed partial class ColumnStatistics
{
    public void WriteTo(CborWriter writer)
    {
        // Quantiles of timestamps and distinct numbers came later: statistics read without them are written without them.
        var fields = new StateWriter(writer, Type switch
        {
            DataType.Boolean => 4,
            DataType.Timestamp => Quantiles is null ? 5 : 6,
            DataType.Text or DataType.TextList => 6,
            _ => Distinct is null ? 6 : 7,
        });
        fields.Number(1, (int)Type);
        fields.Number(2, Count);
        fields.Number(3, MissingCount);
        switch (Type)
        {
            case DataType.Int64 or DataType.Float64:
                fields.Number(4, ZeroCount);
                fields.State(5, Numbers!); // a numeric column's, by construction
                fields.State(6, Quantiles!);
                if (Distinct is not null)
                {
                    fields.State(8, Distinct);
                }

                break;
            case DataType.Text or DataType.TextList:
                fields.State(7, Values!); // a text column's, by construction
                fields.State(8, Distinct!);
                fields.State(9, Lengths!);
                break;
            case DataType.Boolean:
                fields.Number(10, TrueCount);
                break;
            default:
                if (Quantiles is not null)
                {
                    fields.State(6, Quantiles);
                }

                fields.Number(11, Earliest ?? 0);
                fields.Number(12, Latest ?? 0);
                break;
        }

        fields.End();
    }

    public static ColumnStatistics ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(ColumnStatistics), 4, 7);
        var type = (DataType)fields.Number(1, (int)DataType.Int64, (int)DataType.TextList);
        var (count, missing) = (fields.Count(2), fields.Count(3));
        fields.Check(missing <= count, $"{missing} of {count} rows are missing");
        var present = count - missing;
        ColumnStatistics read;
        switch (type)
        {
            case DataType.Int64 or DataType.Float64:
                var zeros = fields.Count(4, present);
                var (numbers, quantiles) = (fields.State<Moments>(5), fields.State<QuantileSketch>(6));
                var different = fields.FieldCount > 6 ? fields.State<DistinctCount>(8) : null;
                read = new(type, numbers, quantiles, null, different, null) { ZeroCount = zeros };
                CheckSeen(numbers.Count, quantiles.Count);
                break;
            case DataType.Text or DataType.TextList:
                var (values, distinct) = (fields.State<TopValues>(7), fields.State<DistinctCount>(8));
                var lengths = fields.State<Moments>(9);
                read = new(type, null, null, values, distinct, lengths);
                // A list has any number of items.
                CheckSeen(type == DataType.Text ? values.Total : present, lengths.Count);
                break;
            case DataType.Boolean:
                read = new(type, null, null, null, null, null) { TrueCount = fields.Count(10, present) };
                break;
            default:
                var times = fields.FieldCount > 5 ? fields.State<QuantileSketch>(6) : null;
                var earliest = fields.Number(11, long.MinValue, long.MaxValue);
                var latest = fields.Number(12, earliest, long.MaxValue);
                read = new(type, null, times, null, null, null);
                CheckSeen(times?.Count ?? present, present);
                (read._earliest, read._latest) = present > 0 ? (earliest, latest) : (read._earliest, read._latest);
                break;
        }

        fields.End();
        (read.Count, read.MissingCount) = (count, missing);
        return read;

        void CheckSeen(long one, long other)
        {
            if (one != present || other != present)
            {
                throw new CorruptStateException(
                    nameof(ColumnStatistics), $"its parts have seen {one} and {other} values, expected {present}");
            }
        }
    }
}
