using System.Globalization;

namespace Capstan.Data;

/// <summary>
/// A data schema from statistics: tight where data rarely changes by itself (columns, types, categories, signs), generous where
/// it does (ranges, shares of missing values).
/// </summary>
/// <remarks>
/// Law: the data that a schema was inferred from has no anomalies under it. For what is inferred see each method.
/// </remarks>
static class SchemaInference
{
    public const string Training = "training";
    public const string Serving = "serving";

    // TensorFlow Data Validation's limit for a list of values.
    const int MostValues = 100;

    // Fewer rows than this for each value, and the next data will have values that these rows don't.
    const int RowsPerValue = 10;

    // Of which nearly every row has another value: a key, whose values are new in every data set.
    const double KeyShare = 0.9;

    const double DefaultDistance = 0.1;

    public static DataSchema From(TableStatistics statistics, string? label)
    {
        if (label is not null)
        {
            _ = statistics[label];
        }

        var limits = new DistanceLimits
        {
            LInfinity = DefaultDistance, JensenShannon = DefaultDistance, Missing = DefaultDistance,
        };
        return new DataSchema
        {
            Rows = new RowsRule { Min = 1 },
            Environments = label is null ? null : [Training, Serving],
            Drift = limits,
            Skew = limits,
            Columns = statistics.Schema.Fields.Zip(statistics.Columns).ToDictionary(
                each => each.First.Name,
                each => From(each.Second) with { NotInEnvironments = each.First.Name == label ? [Serving] : null }),
        };
    }

    static ColumnSchema From(ColumnStatistics column)
    {
        // Nothing was seen, so nothing is known of its type: what appears later is worth a look.
        if (column.PresentCount == 0)
        {
            return column.Count == 0 ? new ColumnSchema() : new ColumnSchema { Presence = new PresenceRule { MaxFraction = 0 } };
        }

        var isKey = IsKey(column);
        return new ColumnSchema
        {
            Type = Schema.NameOf(column.Type),
            Presence = PresenceOf(column),
            Domain = isKey ? null : DomainOf(column),
            Distinct = isKey && column.Distinct is { IsExact: true } distinct && distinct.Value == column.Count
                ? new DistinctRule { Unique = true } : null,
            // Lists that were never empty stay so; how long they become is their own matter.
            Items = column is { Type: DataType.TextList, Lengths.Min: >= 1 } ? new ItemsRule { Min = 1 } : null,
            Drift = isKey ? new DistanceLimits() : null,
            Skew = isKey ? new DistanceLimits() : null,
        };
    }

    static bool IsKey(ColumnStatistics column) => column.PresentCount > MostValues &&
        column.Type is DataType.Text or DataType.Int64 &&
        column.Distinct is { } distinct && distinct.Value > KeyShare * column.PresentCount;

    /// <summary>A column without gaps stays so; elsewhere twice as much may be missing.</summary>
    static PresenceRule PresenceOf(ColumnStatistics column)
    {
        var missing = (double)column.MissingCount / column.Count;
        // To three digits, as a person would write it.
        var least = missing == 0 ? 1 : Math.Max(0, Math.Floor((1 - 2 * missing) * 1000) / 1000);
        return new PresenceRule { MinFraction = least, MinCount = 1 };
    }

    static DomainRule? DomainOf(ColumnStatistics column) => column switch
    {
        { Numbers: { } numbers } => OfNumbers(column, numbers),
        { Values: { IsExact: true, Kept: > 0 and <= MostValues } values } when values.Total >= RowsPerValue * values.Kept =>
            new DomainRule { Values = [.. values.Ordered().Select(value => value.Text)] },
        { Earliest: { } earliest } => new DomainRule { Earliest = TimestampText.Format(StartOfYear(earliest)) },
        _ => null,
    };

    /// <summary>
    /// The range seen and its width on either side, so that only values of another order stand out; not below 0 where no value
    /// was. Whole numbers of few values, as of a code, keep exactly their range.
    /// </summary>
    static DomainRule OfNumbers(ColumnStatistics column, Moments numbers)
    {
        var (min, max) = (numbers.Min, numbers.Max);
        if (column.Type == DataType.Int64 && max - min < MostValues && column.PresentCount >= RowsPerValue * (max - min + 1))
        {
            return new DomainRule { Min = min, Max = max };
        }

        var width = Math.Min(max - min, double.MaxValue);
        var (low, high) = (Math.Max(double.MinValue, min - width), Math.Min(double.MaxValue, max + width));
        return width == 0
            ? new DomainRule { Min = min < 0 ? null : 0, Max = max > 0 ? null : 0 }
            : new DomainRule { Min = min >= 0 ? 0 : Outwards(low, -1), Max = max <= 0 ? 0 : Outwards(high, 1) };
    }

    /// <summary>Two digits, rounded away from the values: a bound that a person would write.</summary>
    static double Outwards(double bound, int direction)
    {
        if (bound == 0)
        {
            return 0;
        }

        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(bound))) - 1);
        var rounded = direction < 0 ? Math.Floor(bound / unit) * unit : Math.Ceiling(bound / unit) * unit;
        // A power of ten below one is not exact; the shortest text of two digits is.
        rounded = double.Parse(rounded.ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsFinite(rounded) && (direction < 0 ? rounded <= bound : rounded >= bound) ? rounded : bound;
    }

    static long StartOfYear(long moment) => Timestamps.FromDateTime(new DateTime(CivilTime.DateOf(moment).Year, 1, 1));
}
