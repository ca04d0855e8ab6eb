using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Data.Tests.Simulation;

public sealed class TripSimulatorTests : IDisposable
{
    static readonly string[] AllColumns = [.. TripSimulator.Trips.Names];

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-trips-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_on_every_machine()
    {
        var drift = TripDrift.Parse(["mean=0.2", "variance=0.5", "category=0.1", "missing=0.05"]);
        Assert.Equal(await CsvAsync(new(42, 3000, drift)), await CsvAsync(new(42, 3000, drift)));
        Assert.NotEqual(await CsvAsync(new(43, 3000, drift)), await CsvAsync(new(42, 3000, drift)));
        Assert.Equal(
            "14c725c8635fac65dc608eab497f2644a6e69b514ac55e1f132ed8ce02e40ba6",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(await CsvAsync(new(42, 3000, drift))))));
    }

    [Fact]
    public async Task A_longer_simulation_begins_with_a_shorter_one() =>
        Assert.StartsWith(await CsvAsync(new(1, 500, TripDrift.None)), await CsvAsync(new(1, 20_000, TripDrift.None)), StringComparison.Ordinal);

    [Fact]
    public async Task No_rows_are_a_header_and_no_batch()
    {
        var simulator = new TripSimulator(1, 0, TripDrift.None);
        Assert.Equal(string.Join(',', AllColumns) + "\n", await CsvAsync(simulator));
        Assert.Empty(simulator.Splits);
    }

    [Fact]
    public async Task Batches_say_exactly_what_the_text_says()
    {
        var simulator = new TripSimulator(5, 20_000, TripDrift.Parse(["missing=0.2", "category=0.3"]));
        var lines = (await CsvAsync(simulator)).Split('\n')[1..^1];
        var row = 0;
        await foreach (var batch in simulator.ReadAllAsync(AllColumns, TestContext.Current.CancellationToken))
        {
            for (var index = 0; index < batch.RowCount; index++)
            {
                foreach (var (text, column) in lines[row].Split(',').Zip(batch.Columns))
                {
                    Assert.Equal(Parsed(text, column.Type), column.ValueAt(index));
                }

                row++;
            }
        }

        Assert.Equal(20_000, row);
    }

    [Fact]
    public async Task Splits_are_parts_that_stand_alone()
    {
        var simulator = new TripSimulator(5, 2_000_100, TripDrift.None);
        Assert.Equal([1_000_000L, 1_000_000, 100], simulator.Splits.Select(split => split.RowCount!.Value));
        var trips = new TripGenerator(5, TripDrift.None);
        var fares = new List<double>();
        await foreach (var batch in simulator.ReadAsync(simulator.Splits[2], ["fare_amount"], TestContext.Current.CancellationToken))
        {
            fares.AddRange(batch["fare_amount"].Float64s);
        }

        Assert.Equal(Enumerable.Range(2_000_000, 100).Select(row => trips.At(row).FareCents / 100.0), fares);
    }

    [Fact]
    public async Task Only_the_columns_asked_for_come_in_their_order()
    {
        var simulator = new TripSimulator(5, 10, TripDrift.None);
        await foreach (var batch in simulator.ReadAllAsync(["vendor_id", "trip_seconds"], TestContext.Current.CancellationToken))
        {
            Assert.Equal(["vendor_id", "trip_seconds"], batch.Schema.Names);
            Assert.Equal(10, batch.RowCount);
        }

        await Assert.ThrowsAsync<UnknownColumnException>(async () =>
            await simulator.ReadAllAsync(["fare"], TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_cancelled_file_leaves_nothing_and_the_old_one_stays()
    {
        var path = Path.Combine(_folder.FullName, "trips.csv");
        await File.WriteAllTextAsync(path, "old", TestContext.Current.CancellationToken);
        using var source = new CancellationTokenSource();
        var cancelAtFirst = new Told(_ => source.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TripSimulator(1, 1_000_000, TripDrift.None).WriteCsvAsync(path, cancelAtFirst, source.Token));
        Assert.Equal(("old", 1), (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), _folder.GetFiles().Length));
    }

    [Fact]
    public async Task Progress_ends_with_all_rows()
    {
        var told = new List<long>();
        await new TripSimulator(1, 50_000, TripDrift.None)
            .WriteCsvAsync(Path.Combine(_folder.FullName, "trips.csv"), new Told(told.Add), TestContext.Current.CancellationToken);
        Assert.Equal(50_000, told[^1]);
        Assert.Equal(told.Order(), told);
    }

    [Fact]
    public void Fingerprints_name_seed_rows_and_drift()
    {
        string[] prints =
        [
            new TripSimulator(1, 5, TripDrift.None).Fingerprint, new TripSimulator(2, 5, TripDrift.None).Fingerprint,
            new TripSimulator(1, 6, TripDrift.None).Fingerprint, new TripSimulator(1, 5, new TripDrift { MeanShift = 0.1 }).Fingerprint,
        ];
        Assert.Equal(prints, prints.Distinct());
        Assert.Throws<ArgumentOutOfRangeException>(() => new TripSimulator(1, -1, TripDrift.None));
    }

    async Task<string> CsvAsync(TripSimulator simulator)
    {
        var path = Path.Combine(_folder.FullName, "trips.csv");
        await simulator.WriteCsvAsync(path, null, TestContext.Current.CancellationToken);
        return await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
    }

    static object? Parsed(string text, DataType type) => text.Length == 0 ? null : type switch
    {
        DataType.Int64 => long.Parse(text, CultureInfo.InvariantCulture),
        DataType.Float64 => double.Parse(text, CultureInfo.InvariantCulture),
        DataType.Timestamp => DateTime.ParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        _ => text,
    };

    sealed class Told(Action<long> action) : IProgress<long>
    {
        public void Report(long value) => action(value);
    }
}
