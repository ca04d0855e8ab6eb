namespace Capstan.Data.Tests.Columns;

public sealed class BatchStreamLaws
{
    static readonly Schema Schema = BatchBuilderLaws.Schema;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 400)]
    [InlineData(3, 1000)]
    public void Batches_come_back_as_they_went_with_the_same_boundaries(int seed, int missingPerMille)
    {
        var random = new Random(seed);
        var batches = Enumerable.Range(0, 9).Select(_ => BatchBuilderLaws.Rows(random, random.Next(3) == 0 ? 0 : random.Next(300), missingPerMille)).ToArray();
        var stream = Written(batches);

        var read = BatchStream.Read(stream, Schema).ToArray();

        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(batches.Length, read.Length);
        foreach (var (expected, found) in batches.Zip(read))
        {
            Assert.Equal(expected.RowCount, found.RowCount);
            foreach (var (mine, theirs) in expected.Columns.Zip(found.Columns))
            {
                Assert.Equal(mine.MissingCount, theirs.MissingCount);
                Assert.Equal(
                    Enumerable.Range(0, expected.RowCount).Select(mine.ValueAt), Enumerable.Range(0, expected.RowCount).Select(theirs.ValueAt));
            }
        }

        // What has come over a wire is a batch as any other.
        Assert.Equal(stream.ToArray(), Written(read).ToArray());
    }

    [Fact]
    public void Bytes_that_end_too_early_are_no_batches()
    {
        var whole = Written(BatchBuilderLaws.Rows(new Random(5), 40, 200)).ToArray();
        for (var length = 0; length < whole.Length; length += 7)
        {
            Assert.Throws<CorruptStateException>(() => BatchStream.Read(new MemoryStream(whole[..length]), Schema).ToArray());
        }
    }

    [Fact]
    public void A_count_of_rows_that_can_not_be_is_refused_before_anything_is_allocated() => Assert.Contains(
        "a batch claims", Assert.Throws<CorruptStateException>(
            () => BatchStream.Read(new MemoryStream([255, 255, 255, 127, 0, 0, 0, 0]), Schema).ToArray()).Message);

    static MemoryStream Written(params ColumnBatch[] batches)
    {
        var stream = new MemoryStream();
        Array.ForEach(batches, batch => BatchStream.Write(stream, batch));
        BatchStream.WriteEnd(stream);
        stream.Position = 0;
        return stream;
    }
}
