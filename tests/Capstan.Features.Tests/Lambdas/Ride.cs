using System.ComponentModel.DataAnnotations.Schema;
using Capstan.Data;

namespace Capstan.Features.Tests.Lambdas;

enum Payment
{
    Cash,
    Card,
    Voucher = 7,
}

/// <summary>A record with a property of every kind that lambdas know.</summary>
sealed record Ride
{
    public double X { get; init; }
    public double Y { get; init; }
    public float Single { get; init; }
    public decimal Money { get; init; }
    public double? Tip { get; init; }
    public int N { get; init; }
    public int? Riders { get; init; }
    public long Long { get; init; }
    public byte Byte { get; init; }
    public bool Flag { get; init; }
    public bool? Night { get; init; }
    public string? Word { get; init; }
    [Column("vendor_id")]
    public string Vendor { get; init; } = "";
    public char Letter { get; init; }
    public Payment Payment { get; init; }
    public Payment? Other { get; init; }
    public DateTime Start { get; init; }
    public DateTime? End { get; init; }
    public DateTimeOffset Offset { get; init; }
    public DateOnly Day { get; init; }
    public Ride? Next { get; init; }
    public int Field = 1;

    static readonly double[] EdgeNumbers = [0, -0.0, 1, -1, 0.5, 2.5, -2.5, 1e16, -3e300, 1e300, double.NaN, double.PositiveInfinity, 123456.789];
    static readonly string?[] EdgeTexts = [null, "", "a", "abc", "ABC", "é", "𝄞𝄞x", " Straße İı ", "it's, a b", "\u2003wide\u00a0", "\0"];

    static readonly DateTime[] EdgeTimes =
    [
        new(1, 1, 1), new(1969, 12, 31, 23, 59, 59, 999), new(2000, 2, 29, 12, 0, 0), new(2001, 6, 30, 17, 45, 0, 500, 250), new(2001, 7, 1),
        new(2021, 12, 26, 23, 0, 1), new(9999, 12, 31),
    ];

    public static Ride[] Make(int count, Random random)
    {
        T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
        double Number() => random.Next(3) == 0 ? Pick(EdgeNumbers) : Math.Round(random.NextDouble() * 20 - 10, random.Next(6));
        DateTime Time() => random.Next(3) == 0 ? Pick(EdgeTimes) : new DateTime(2001, 1, 1).AddTicks(random.NextInt64(-50, 50) * 864_001_234_560);
        bool Sometimes() => random.Next(4) > 0;
        return [.. Enumerable.Range(0, count).Select(_ => new Ride
        {
            X = Number(), Y = Number(), Single = (float)Math.Round(Number(), 3), Money = random.Next(-500, 500) / 100m,
            Tip = Sometimes() ? Number() : null, N = random.Next(-9, 10), Riders = Sometimes() ? random.Next(0, 5) : null,
            Long = random.Next(3) == 0 ? random.NextInt64(-(1L << 53), 1L << 53) : random.Next(-5, 5), Byte = (byte)random.Next(256),
            Flag = random.Next(2) == 0, Night = Sometimes() ? random.Next(2) == 0 : null, Word = Pick(EdgeTexts), Vendor = Pick(EdgeTexts) ?? "v",
            Letter = "aAé"[random.Next(3)], Payment = Pick(Enum.GetValues<Payment>()), Other = Sometimes() ? Pick(Enum.GetValues<Payment>()) : null,
            Start = Time(), End = Sometimes() ? Time() : null, Offset = new DateTimeOffset(new DateTime(2001, 1, 1).AddHours(random.Next(9000)), TimeSpan.FromHours(5)),
            Day = DateOnly.FromDateTime(Time()),
        })];
    }

    public static ColumnBatch ToBatch(IReadOnlyList<Ride> rides)
    {
        var columns = typeof(Ride).GetProperties().Select(property => (Property: property, Field: RecordColumns.Of(property)))
            .Where(column => column.Field is not null)
            .Select(column => (column.Property, Field: column.Field!.Value)) // nulls were left out above
            .ToArray();
        var builder = new BatchBuilder(new Schema(columns.Select(column => column.Field)));
        for (var index = 0; index < columns.Length; index++)
        {
            foreach (var ride in rides)
            {
                Append(builder.Columns[index], columns[index].Property.GetValue(ride));
            }
        }

        return builder.Batch;
    }

    static void Append(ColumnBuilder column, object? value)
    {
        switch (value)
        {
            case null:
                column.AppendMissing();
                break;
            case bool truth:
                column.Append(truth);
                break;
            case DateTime time:
                column.Append(Timestamps.FromDateTime(time));
                break;
            case DateTimeOffset time:
                column.Append(Timestamps.FromDateTime(time.DateTime));
                break;
            case DateOnly date:
                column.Append(Timestamps.FromDateTime(date.ToDateTime(TimeOnly.MinValue)));
                break;
            case string or char or Enum:
                column.Append(value.ToString()!); // none of these is null as text
                break;
            case var whole when column.Type == DataType.Int64:
                column.Append(Convert.ToInt64(whole, System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                column.Append(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }
}
