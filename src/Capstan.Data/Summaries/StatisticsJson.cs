using System.Globalization;
using System.Text.Json;

namespace Capstan.Data;

/// <summary>
/// The statistics of data for programs: everything that is known of each column, as JSON. Numbers are in the columns' own units;
/// what a column without any value lacks is left out.
/// </summary>
public static class StatisticsJson
{
    const int TopShown = 20;
    const int Bins = 10;
    const int CalendarBins = 40;

    static readonly double[] Shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    /// <summary>Writes the member <c>columns</c>: an array in the order of the schema.</summary>
    public static void Write(Utf8JsonWriter json, TableStatistics statistics)
    {
        json.WriteStartArray("columns");
        for (var index = 0; index < statistics.Columns.Length; index++)
        {
            json.WriteStartObject();
            json.WriteString("name", statistics.Schema.Fields[index].Name);
            Write(json, statistics.Columns[index]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the members of one column into an object that is open.</summary>
    public static void Write(Utf8JsonWriter json, ColumnStatistics column)
    {
        json.WriteString("type", Schema.NameOf(column.Type));
        json.WriteNumber("missing", column.MissingCount);
        if (column.PresentCount == 0)
        {
            return;
        }

        if (column.Distinct is { } distinct)
        {
            json.WriteNumber("distinct", distinct.Value);
            json.WriteBoolean("distinctIsExact", distinct.IsExact);
        }

        switch (column)
        {
            case { Numbers: { } numbers, Quantiles: { } quantiles }:
                WriteNumbers(json, column, numbers, quantiles);
                break;
            case { Values: { } values, Lengths: { } lengths }:
                WriteTexts(json, column.Type == DataType.TextList ? "Items" : "Bytes", values, lengths);
                break;
            case { Earliest: { } earliest, Latest: { } latest }:
                json.WriteString("earliest", TimestampText.Format(earliest));
                json.WriteString("latest", TimestampText.Format(latest));
                WriteTimes(json, column, earliest, latest);
                break;
            default:
                json.WriteNumber("true", column.TrueCount);
                break;
        }
    }

    static void WriteNumbers(Utf8JsonWriter json, ColumnStatistics column, Moments numbers, QuantileSketch quantiles)
    {
        json.WriteNumber("zeros", column.ZeroCount);
        json.WriteNumber("min", numbers.Min);
        json.WriteNumber("mean", numbers.Mean);
        json.WriteNumber("standardDeviation", numbers.StandardDeviation);
        json.WriteNumber("max", numbers.Max);
        json.WriteStartObject("quantiles");
        foreach (var share in Shares)
        {
            json.WriteNumber(share.ToString("G6", CultureInfo.InvariantCulture), quantiles.Quantile(share));
        }

        json.WriteEndObject();
        Write(json, "histogram", Histogram.EqualWidth(quantiles, Bins));
        Write(json, "quantileHistogram", Histogram.Quantiles(quantiles, Bins));
    }

    static void Write(Utf8JsonWriter json, string name, Histogram histogram)
    {
        json.WriteStartArray(name);
        foreach (var bin in histogram.Bins)
        {
            json.WriteStartObject();
            json.WriteNumber("low", bin.Low);
            json.WriteNumber("high", bin.High);
            json.WriteNumber("count", bin.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteTexts(Utf8JsonWriter json, string unit, TopValues values, Moments lengths)
    {
        json.WriteNumber($"min{unit}", lengths.Min);
        json.WriteNumber($"mean{unit}", lengths.Mean);
        json.WriteNumber($"max{unit}", lengths.Max);
        json.WriteStartArray("mostFrequent");
        foreach (var value in values.Ordered(TopShown))
        {
            json.WriteStartObject();
            json.WriteString("value", value.Text);
            json.WriteNumber("count", value.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteTimes(Utf8JsonWriter json, ColumnStatistics column, long earliest, long latest)
    {
        if (column.Quantiles is not { } times)
        {
            return;
        }

        var (step, edges) = CalendarSteps.Between(earliest, latest, CalendarBins);
        json.WriteString("histogramStep", step);
        json.WriteStartArray("histogram");
        foreach (var bin in Histogram.Between(times, edges).Bins)
        {
            json.WriteStartObject();
            json.WriteString("from", TimestampText.Format((long)bin.Low));
            json.WriteString("to", TimestampText.Format((long)bin.High));
            json.WriteNumber("count", bin.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
