using System.Runtime.CompilerServices;

namespace Capstan.Data.Tests.Passes;

public sealed class OrderedReadTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Items_come_in_the_order_of_the_rows_whatever_the_number_of_threads(int threads)
    {
        var random = new Random(threads);
        for (var round = 0; round < 30; round++)
        {
            var source = new Counted([.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(20))]);
            Assert.Equal(Enumerable.Range(0, source.Batches), await ReadAsync(source, threads, bytes: random.Next(2) == 0 ? 100 : 100L << 20));
        }
    }

    [Fact]
    public async Task A_later_split_is_made_while_the_first_is_under_way()
    {
        var second = new TaskCompletionSource();
        var source = new Counted([1, 1])
        {
            Before = async (split, _) =>
            {
                if (split == 1)
                {
                    second.SetResult();
                }

                await second.Task;
            },
        };
        Assert.Equal([0, 1], await ReadAsync(source, threads: 2, bytes: 100));
    }

    [Fact]
    public async Task What_waits_for_its_turn_is_bounded_by_bytes()
    {
        var source = new Counted([3, 50, 50]);
        var read = Reading(source, threads: 2, bytes: 32L << 20);
        var taken = 0;
        await foreach (var item in read.ReadAsync(Cancellation))
        {
            taken++;
            Assert.Equal(taken - 1, item.Number);
            // Four of 32 MiB may wait, one more of the split whose turn it is, and each of two threads holds one for which there is no room.
            Assert.InRange(source.Read - taken, 0, 4 + 2 + 1);
        }

        Assert.Equal(103, taken);
    }

    [Fact]
    public async Task Used_items_are_filled_again()
    {
        var made = 0;
        var source = new Counted([200]);
        var read = new OrderedRead<Item>(source, ["n"], 2, () => (batch, used) =>
        {
            made += used is null ? 1 : 0;
            return Fill(batch, used);
        }, _ => 64L << 20);
        var next = 0;
        await foreach (var item in read.ReadAsync(Cancellation))
        {
            Assert.Equal(next++, item.Number);
        }

        Assert.Equal(200, next);
        Assert.InRange(made, 1, 5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_first_failing_split_tells_after_all_that_comes_before(int threads)
    {
        var later = new TaskCompletionSource();
        var source = new Counted([2, 2, 2])
        {
            Before = async (split, batch) =>
            {
                if (split == 1 && batch == 1)
                {
                    // The third split fails first, if it is under way at all.
                    await (threads > 1 ? later.Task : Task.CompletedTask);
                    throw new InvalidDataException("second");
                }

                if (split == 2)
                {
                    later.SetResult();
                    throw new InvalidDataException("third");
                }
            },
        };
        var seen = new List<int>();
        var failure = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var item in Reading(source, threads, 100).ReadAsync(Cancellation))
            {
                seen.Add(item.Number);
            }
        });
        Assert.Equal(("second", 3), (failure.Message, seen.Count));
        Assert.Equal(0, source.Open);
    }

    [Fact]
    public async Task Who_stops_early_leaves_nothing_open()
    {
        var source = new Counted([10, 10, 10, 10]);
        await foreach (var item in Reading(source, 3, 100).ReadAsync(Cancellation))
        {
            if (item.Number == 4)
            {
                break;
            }
        }

        Assert.Equal(0, source.Open);
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Reading(source, 3, 100).ReadAsync(cancelled.Token))
            {
                cancelled.Cancel();
            }
        });
        Assert.Equal(0, source.Open);
    }

    [Fact]
    public async Task Copied_batches_are_those_of_one_thread()
    {
        var trips = new TripSimulator(3, 40_000, TripDrift.None);
        string[] columns = [.. trips.Schema.Names];
        var one = await DigestAsync(trips.ReadAllAsync(columns, Cancellation), trips.Schema);
        Assert.Equal(one, await DigestAsync(trips.ReadAllAsync(columns, 3, Cancellation), trips.Schema));
    }

    static async Task<ContentHash> DigestAsync(IAsyncEnumerable<ColumnBatch> batches, Schema schema)
    {
        var copies = new List<ColumnBatch>();
        await foreach (var batch in batches)
        {
            var copy = new BatchBuilder(schema);
            copy.AppendRows(batch, [.. Enumerable.Range(0, batch.RowCount)]);
            copies.Add(copy.Batch);
        }

        return RowDigest.Of(schema, [.. copies]);
    }

    static async Task<List<int>> ReadAsync(Counted source, int threads, long bytes)
    {
        var numbers = new List<int>();
        await foreach (var item in Reading(source, threads, bytes).ReadAsync(Cancellation))
        {
            numbers.Add(item.Number);
        }

        return numbers;
    }

    static OrderedRead<Item> Reading(Counted source, int threads, long bytes) => new(source, ["n"], threads, () => Fill, _ => bytes);

    static Item Fill(ColumnBatch batch, Item? used)
    {
        used ??= new Item();
        used.Number = (int)batch["n"].Int64s[0];
        return used;
    }

    sealed class Item
    {
        public int Number { get; set; }
    }

    /// <summary>Splits of so many batches of one row, which count from 0 through all of them.</summary>
    sealed class Counted(int[] batches) : IBatchSource
    {
        int _read;
        int _open;

        public Schema Schema { get; } = new([new("n", DataType.Int64)]);

        public IReadOnlyList<Split> Splits { get; } = [.. batches.Select((count, index) => new Split(index, $"part {index}", count))];

        public string Fingerprint => "counted";

        public int Batches => batches.Sum();

        /// <summary>How many batches have been handed out.</summary>
        public int Read => Volatile.Read(ref _read);

        /// <summary>How many splits are being read.</summary>
        public int Open => Volatile.Read(ref _open);

        /// <summary>What happens before a split's batch.</summary>
        public Func<int, int, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

        public async IAsyncEnumerable<ColumnBatch> ReadAsync(
            Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _open);
            try
            {
                var builder = new BatchBuilder(Schema);
                for (var batch = 0; batch < batches[split.Index]; batch++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await Before(split.Index, batch);
                    builder.Clear();
                    builder.Columns[0].Append(batches[..split.Index].Sum() + (long)batch);
                    Interlocked.Increment(ref _read);
                    yield return builder.Batch;
                }
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
