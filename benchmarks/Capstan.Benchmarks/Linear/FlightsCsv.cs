using System.Globalization;
using Capstan.Data;

namespace Capstan.Benchmarks;

/// <summary>
/// Flights as a CSV file for both sides: the raw columns for ours, and in front the label and the parts of the date for ML.NET,
/// whose transforms have none for dates.
/// </summary>
static class FlightsCsv
{
    /// <param name="most">No more rows than these, the first ones.</param>
    /// <returns>How many rows there are; all have a delay.</returns>
    public static async Task<long> WriteAsync(IBatchSource source, string path, long most = long.MaxValue)
    {
        var rows = 0L;
        await using var writer = new StreamWriter(path);
        writer.WriteLine("late,month,hour,weekday,quarter,distance,origin,destination,date,delay");
        await foreach (var batch in source.ReadAllAsync(["date", "delay", "distance", "origin", "destination"], default))
        {
            for (var row = 0; row < batch.RowCount && rows < most; row++)
            {
                if (batch["date"].ValueAt(row) is not DateTime date || batch["delay"].ValueAt(row) is not { } delay)
                {
                    throw new InvalidOperationException($"Flight {rows} has no date or no delay; the benchmark's data has all.");
                }

                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(Convert.ToDouble(delay, CultureInfo.InvariantCulture) > 15 ? 1 : 0)},{date.Month},{date.Hour}," +
                    $"{(int)date.DayOfWeek},{(date.Hour * 60 + date.Minute) / 15},{batch["distance"].ValueAt(row)}," +
                    $"{batch["origin"].ValueAt(row)},{batch["destination"].ValueAt(row)},{date:yyyy-MM-dd HH:mm:ss},{delay}"));
                rows++;
            }

            if (rows == most)
            {
                break;
            }
        }

        return rows;
    }
}
