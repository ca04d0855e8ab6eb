using System.Text;

namespace Capstan.Data.Tests.Summaries;

public sealed class TextCountsLaws : IDisposable
{
    const int SmallMemory = 4096;

    readonly string _folder = Directory.CreateTempSubdirectory("capstan-counts-").FullName;

    public static TheoryData<int> Seeds => RandomValues.Seeds;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Seeds))]
    public void Any_split_merges_to_the_counts_of_one_pass_in_memory_or_on_disk(int seed)
    {
        var random = new Random(seed);
        var texts = Texts(random, random.Next(1, 6000));
        var expected = texts.CountBy(text => text).Select(each => (each.Key, (long)each.Value))
            .OrderByDescending(each => each.Item2).ThenByDescending(each => each.Key, StringComparer.Ordinal).ToArray();
        var parts = new List<TextCounts>();
        for (var start = 0; start < texts.Length;)
        {
            var end = Math.Min(texts.Length, start + random.Next(1, 3000));
            parts.Add(Of(texts[start..end], random.Next(3) == 0 ? 1 << 20 : SmallMemory));
            start = end;
        }

        while (parts.Count > 1)
        {
            var at = random.Next(parts.Count - 1);
            parts[at] = parts[at].Merge(parts[at + 1]);
            parts.RemoveAt(at + 1);
        }

        Assert.Equal(texts.Length, parts[0].Total);
        AssertCounts(expected, parts[0].Ordered(int.MaxValue));
        AssertCounts(expected.Take(7), parts[0].Ordered(7));
        AssertCounts(expected.Where(each => each.Item2 >= 3), parts[0].Ordered(int.MaxValue, minCount: 3));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void The_pieces_of_a_state_can_be_stored_whole_and_merge_to_its_counts(int seed)
    {
        var counts = Of(Texts(new Random(seed), 6000), SmallMemory);
        Assert.True(counts.IsSpilled);

        var pieces = counts.Pieces().Select(piece => StoredState.FromBytes<TextCounts>(piece.ToBytes())).ToArray();

        Assert.True(pieces.Length > 1);
        Assert.All(pieces, piece => Assert.True(piece.IsWhole && !piece.IsSpilled));
        var merged = pieces.Aggregate((left, right) => left.Merge(right));
        Assert.Equal(counts.Total, merged.Total);
        Assert.Equal(
            counts.Ordered(int.MaxValue).Select(each => (each.Text, each.Count)), merged.Ordered(int.MaxValue).Select(each => (each.Text, each.Count)));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void The_texts_of_a_column_are_counted_as_one_by_one(int seed)
    {
        var random = new Random(seed);
        foreach (var memory in (int[])[SmallMemory, 1 << 20])
        {
            var column = new ColumnBuilder(DataType.Text);
            var (expected, counts) = (new TextCounts(memory, _folder), new TextCounts(memory, _folder));
            foreach (var text in Texts(random, random.Next(1, 5000)))
            {
                if (random.Next(5) == 0)
                {
                    column.AppendMissing();
                }
                else
                {
                    column.Append(text);
                    expected.Observe(Encoding.UTF8.GetBytes(text));
                }
            }

            for (var start = 0; start < column.Length;)
            {
                var count = random.Next(Math.Min(700, column.Length - start) + 1);
                counts.Observe(column.Column, start, count);
                start += count;
            }

            Assert.Equal((expected.Total, expected.IsSpilled), (counts.Total, counts.IsSpilled));
            Assert.Equal(Written(expected), Written(counts));
        }
    }

    [Fact]
    public void Merging_changes_neither_side()
    {
        var texts = Texts(new Random(1), 4000);
        var (left, right) = (Of(texts[..2500], SmallMemory), Of(texts[2500..], SmallMemory));
        var before = (Written(left), Written(right));
        var merged = left.Merge(right);
        Assert.True(merged.IsSpilled);
        Assert.Equal(before, (Written(left), Written(right)));
        Assert.Equal(Written(merged), Written(right.Merge(left)));
        Assert.Equal(Written(merged), Written(merged.Merge(new TextCounts())));
        Assert.Equal(Written(merged), Written(new TextCounts().Merge(merged)));
    }

    [Fact]
    public void More_runs_than_can_be_open_are_joined()
    {
        var texts = Enumerable.Range(0, 20_000).Select(index => $"text number {index % 15_000}").ToArray();
        var counts = Of(texts, SmallMemory);
        Assert.Equal(15_000, counts.Ordered(int.MaxValue).Count);
        Assert.Equal(5_000, counts.Ordered(int.MaxValue, minCount: 2).Count);
    }

    [Fact]
    public void A_text_longer_than_the_memory_is_counted()
    {
        var texts = Enumerable.Range(0, 6).Select(index => new string((char)('a' + index % 2), 600_000)).ToArray();
        AssertCounts([(texts[1], 3L), (texts[0], 3L)], Of(texts, SmallMemory).Ordered(10));
    }

    [Fact]
    public void A_stored_state_of_few_texts_is_whole_and_one_of_the_most_frequent_only_says_so()
    {
        var texts = Texts(new Random(2), 4000);
        var (small, spilled) = (Of(texts, 1 << 20), Of(texts, SmallMemory));
        var whole = StoredState.FromBytes<TextCounts>(small.ToBytes());
        Assert.Equal((true, small.Total), (whole.IsWhole, whole.Total));
        Assert.Equal(Written(small.Merge(small)), Written(whole.Merge(whole)));

        Assert.Equal((true, Written(spilled)), (spilled.IsSpilled, Written(StoredState.FromBytes<TextCounts>(spilled.ToBytes()))));

        var many = new TextCounts(SmallMemory, _folder) { MostStoredTexts = 50 };
        Observe(many, texts);
        var part = StoredState.FromBytes<TextCounts>(many.ToBytes());
        Assert.Equal((false, many.Total), (part.IsWhole, part.Total));
        Assert.Equal(Show(many.Ordered(50)), Show(part.Ordered(50)));
        Assert.Equal((true, false), (part.Holds(50), part.Holds(51)));
        Assert.Throws<InvalidOperationException>(() => part.Ordered(51));
        Assert.Throws<InvalidOperationException>(() => part.Merge(small));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told()
    {
        var counts = new TextCounts(SmallMemory, Path.Combine(_folder, "missing"));
        var failure = Assert.Throws<UnwritableFileException>(() => Observe(counts, Texts(new Random(3), 4000)));
        Assert.EndsWith("missing", failure.File);
    }

    TextCounts Of(string[] texts, long memoryBytes)
    {
        var counts = new TextCounts(memoryBytes, _folder);
        Observe(counts, texts);
        return counts;
    }

    static void Observe(TextCounts counts, string[] texts)
    {
        foreach (var text in texts)
        {
            counts.Observe(Encoding.UTF8.GetBytes(text));
        }
    }

    static string[] Texts(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(4) == 0 ? $"é{random.Next(20)}" : $"{random.Next(3000)}")];

    static string Written(TextCounts counts) => Show(counts.Ordered(int.MaxValue));

    static string Show(IEnumerable<ValueCount> values) => string.Join(' ', values.Select(value => $"{value.Text}:{value.Count}"));

    static void AssertCounts(IEnumerable<(string Text, long Count)> expected, IEnumerable<ValueCount> found) =>
        Assert.Equal(expected, found.Select(value => (value.Text, value.Count)));
}
