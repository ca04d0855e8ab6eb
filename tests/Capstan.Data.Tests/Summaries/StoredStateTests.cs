namespace Capstan.Data.Tests.Summaries;

/// <summary>
/// Every kind of state, damaged in every way that is easy to list: it reads as something valid, or is refused; it never crashes.
/// </summary>
public sealed class StoredStateTests
{
    public static TheoryData<string> Kinds => ["moments", "sketch", "values", "distinct", "estimate", "table"];

    [Theory, MemberData(nameof(Kinds))]
    public void Every_truncation_is_refused(string kind)
    {
        var (bytes, read) = Stored(kind);
        read(bytes);
        for (var length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 500))
        {
            Assert.Throws<CorruptStateException>(() => read(bytes[..length]));
        }

        Assert.Contains("follow", Assert.Throws<CorruptStateException>(() => read([.. bytes, 0])).Message);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Every_flipped_byte_is_refused_or_reads_as_a_valid_state(string kind)
    {
        var (bytes, read) = Stored(kind);
        var refused = 0;
        for (var position = 0; position < bytes.Length; position += Math.Max(1, bytes.Length / 1500))
        {
            foreach (var flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                var damaged = bytes.ToArray();
                damaged[position] ^= flip;
                try
                {
                    Assert.Equal(damaged.Length, read(damaged).Length);
                }
                catch (CorruptStateException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 5, $"only {refused} damaged copies were refused");
    }

    [Fact]
    public void A_newer_version_says_so()
    {
        var bytes = Moments.Of([1]).ToBytes();
        Assert.Equal(1, bytes[2]);
        bytes[2] = 2;
        var refusal = Assert.Throws<CorruptStateException>(() => StoredState.FromBytes<Moments>(bytes));
        Assert.Equal("Moments", refusal.Kind);
        Assert.Contains("version 2", refusal.Message);
    }

    [Fact]
    public void A_claimed_gigabyte_allocates_nothing()
    {
        // A map of three: version 1, then a byte string of 2^30 bytes that ends at once.
        byte[] bytes = [0xa3, 0x00, 0x01, 0x01, 0x5a, 0x40, 0x00, 0x00, 0x00];
        Assert.Throws<CorruptStateException>(() => StoredState.FromBytes<DistinctCount>(bytes));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CorruptStateException>(() => StoredState.FromBytes<DistinctCount>(bytes));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    static (byte[] Bytes, Func<byte[], byte[]> Read) Stored(string kind)
    {
        var random = new Random(3);
        var numbers = Enumerable.Range(0, 700).Select(_ => random.NextDouble()).ToArray();
        var sketch = new QuantileSketch(0.05);
        sketch.Observe(numbers);
        var values = new TopValues();
        var (few, many) = (new DistinctCount(), new DistinctCount());
        for (var number = 0L; number < 2000; number++)
        {
            values.Observe(RandomValues.Text((int)number % 9));
            few.Observe(number % 9);
            many.Observe(number);
        }

        return kind switch
        {
            "moments" => (Moments.Of(numbers).ToBytes(), ReadBack<Moments>),
            "sketch" => (sketch.ToBytes(), ReadBack<QuantileSketch>),
            "values" => (values.ToBytes(), ReadBack<TopValues>),
            "distinct" => (few.ToBytes(), ReadBack<DistinctCount>),
            "estimate" => (many.ToBytes(), ReadBack<DistinctCount>),
            _ => (TableStatisticsTests.Of([(2.5, "x", 1L), (null, "y", 2L), (3, null, 3)]).ToBytes(), ReadBack<TableStatistics>),
        };
    }

    static byte[] ReadBack<T>(byte[] bytes)
        where T : IStoredState<T> => StoredState.FromBytes<T>(bytes).ToBytes();
}
