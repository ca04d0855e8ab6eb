using System.Globalization;
using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// Taxi trips of any number, with switchable drift: data for demonstrations, load and tests. Row i depends on the seed, the
/// drift and i alone, so a longer simulation begins with the rows of a shorter one and splits can be read in any order.
/// </summary>
/// <remarks>Numbers are exactly those that <see cref="WriteCsvAsync"/> writes as text. Thread-safe.</remarks>
public sealed class TripSimulator : IBatchSource
{
    const int BatchRows = 8192;
    const long SplitRows = 1_000_000;

    readonly TripGenerator _trips;

    /// <param name="seed">Other seeds give other trips of the same city.</param>
    /// <param name="rowCount">0 or more.</param>
    /// <param name="drift">What differs from usual.</param>
    /// <exception cref="ArgumentException">The row count is negative, or a drift's strength out of range.</exception>
    public TripSimulator(ulong seed, long rowCount, TripDrift drift)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        drift.Check();
        RowCount = rowCount;
        _trips = new TripGenerator(seed, drift);
        Splits =
        [
            .. Enumerable.Range(0, checked((int)((rowCount + SplitRows - 1) / SplitRows))).Select(SplitAt),
        ];
        Fingerprint = $"trips:1:{seed}:{rowCount}:{drift}";
    }

    public static Schema Trips { get; } = new(
    [
        new("pickup_datetime", DataType.Timestamp),
        new("pickup_longitude", DataType.Float64),
        new("pickup_latitude", DataType.Float64),
        new("dropoff_longitude", DataType.Float64),
        new("dropoff_latitude", DataType.Float64),
        new("passenger_count", DataType.Int64),
        new("payment_type", DataType.Text),
        new("vendor_id", DataType.Text),
        new("trip_distance", DataType.Float64),
        new("trip_seconds", DataType.Int64),
        new("fare_amount", DataType.Float64),
    ]);

    public Schema Schema => Trips;

    public long RowCount { get; }

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var builder = new BatchBuilder(Schema.Select(columns));
        var fields = columns.Select(Schema.IndexOf).ToArray();
        var end = RowsBefore(split.Index + 1);
        for (var row = split.Index * SplitRows; row < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            builder.Clear();
            for (var batchEnd = Math.Min(end, row + BatchRows); row < batchEnd; row++)
            {
                Append(builder, fields, _trips.At(row));
            }

            yield return builder.Batch;
        }
    }

    /// <summary>
    /// Writes all trips as CSV with a header; missing values are empty. Written aside, then renamed: the file is whole or absent.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="progress">Told the rows written so far, about every megabyte; null for nobody.</param>
    /// <param name="cancellationToken">Checked about every megabyte; the unfinished file is removed.</param>
    /// <exception cref="UnwritableFileException">
    /// The file can't be written, or the disk is full; nothing is left behind.
    /// </exception>
    public Task WriteCsvAsync(string path, IProgress<long>? progress, CancellationToken cancellationToken) =>
        new TripCsv(_trips, Schema).WriteAsync(path, RowCount, progress, cancellationToken);

    Split SplitAt(int index)
    {
        var (start, end) = (index * SplitRows, RowsBefore(index + 1));
        return new Split(index, string.Create(CultureInfo.InvariantCulture, $"trips {start:N0} to {end:N0}"), end - start);
    }

    long RowsBefore(int splitIndex) => Math.Min(RowCount, splitIndex * SplitRows);

    static void Append(BatchBuilder builder, int[] fields, in Trip trip)
    {
        for (var index = 0; index < fields.Length; index++)
        {
            var column = builder.Columns[index];
            switch (fields[index])
            {
                case 0:
                    column.Append(trip.PickupMicroseconds);
                    break;
                case 1:
                    column.Append(trip.PickupLongitude / 1e6);
                    break;
                case 2:
                    column.Append(trip.PickupLatitude / 1e6);
                    break;
                case 3:
                    column.Append(trip.DropoffLongitude / 1e6);
                    break;
                case 4:
                    column.Append(trip.DropoffLatitude / 1e6);
                    break;
                case 5 when trip.HasPassengers:
                    column.Append((long)trip.Passengers);
                    break;
                case 6 when trip.HasPayment:
                    column.Append(TripCity.Payments[trip.Payment]);
                    break;
                case 7:
                    column.Append(TripCity.Vendors[trip.Vendor]);
                    break;
                case 8 when trip.HasDistance:
                    column.Append(trip.Distance / 100.0);
                    break;
                case 9:
                    column.Append((long)trip.Seconds);
                    break;
                case 10:
                    column.Append(trip.FareCents / 100.0);
                    break;
                default:
                    column.AppendMissing();
                    break;
            }
        }
    }
}
