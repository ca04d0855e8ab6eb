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
    public void All_of_a_state_travels_and_merges_as_the_state_itself(int seed)
    {
        var random = new Random(seed);
        var (left, right) = (Texts(random, 6000), Texts(random, 3000));
        foreach (var (mine, theirs) in (ReadOnlySpan<(long, long)>)[(SmallMemory, SmallMemory), (1 << 20, SmallMemory), (1 << 20, 1 << 20)])
        {
            var counts = (TextCounts[])[Of(left, mine), Of(right, theirs), Of([], mine)];
            using var stream = new MemoryStream();
            counts.ToList().ForEach(each => each.WriteAll(stream));
            stream.Position = 0;
            var read = counts.Select(_ => TextCounts.ReadAll(stream)).ToArray();

            Assert.Equal(stream.Length, stream.Position);
            Assert.Equal(counts.Select(each => (each.Total, each.IsSpilled, each.IsWhole)), read.Select(each => (each.Total, each.IsSpilled, each.IsWhole)));
            Assert.Equal(counts.Select(Written), read.Select(Written));
            Assert.Equal(Written(counts[0].Merge(counts[1])), Written(read[2].Merge(read[0]).Merge(read[1])));
        }
    }

    [Fact]
    public void What_travelled_and_is_damaged_is_refused()
    {
        using var stream = new MemoryStream();
        Of(["a", "b", "bb", "a"], 1 << 20).WriteAll(stream);
        var whole = stream.ToArray();
        Assert.Equal(1 + 4 * 12 + 4, whole.Length);
        for (var index = 0; index < whole.Length; index++)
        {
            Assert.Throws<CorruptStateException>(() => TextCounts.ReadAll(new MemoryStream(whole[..index])));
        }

        foreach (var (place, value) in (ReadOnlySpan<(int, byte)>)[(0, 2), (1, 0), (8, 255), (9, 200), (12, 127), (12, 255)])
        {
            byte[] damaged = [.. whole];
            damaged[place] = value;
            Assert.Throws<CorruptStateException>(() => TextCounts.ReadAll(new MemoryStream(damaged)));
        }

        stream.SetLength(0);
        Of(["a", "b"], 1 << 20).WriteAll(stream);
        var both = stream.ToArray();
        byte[][] wrong =
        [
            [both[0], .. both[1..14], .. both[1..14], .. both[27..]], // the same text twice
            [both[0], .. both[14..27], .. both[1..14], .. both[27..]], // in another order
        ];
        Assert.All(wrong, bytes => Assert.Throws<CorruptStateException>(() => TextCounts.ReadAll(new MemoryStream(bytes))));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void The_most_frequent_are_ordered_as_if_compared_one_by_one(int seed)
    {
        var random = new Random(seed);
        var beginnings = (string[])["", "a", "user-00000000", "user-0000000000000000", "\0", "é"];
        var texts = Enumerable.Range(0, 5000)
            .Select(_ => beginnings[random.Next(beginnings.Length)] + new string((char)random.Next(3), random.Next(12)) + random.Next(1500)).Distinct().ToArray();
        var expected = texts.Select(text => new ValueCount(Encoding.UTF8.GetBytes(text), random.Next(4) == 0 ? random.NextInt64() : random.Next(1, 3))).ToArray();
        var found = expected.ToArray();
        CountOrder.Sort(found);
        foreach (var limit in (int[])[0, 1, 70, 3000, int.MaxValue])
        {
            var frequent = new FrequentTexts(limit);
            expected.ToList().ForEach(each => frequent.Add(each.Utf8.Span, each.Count));
            Array.Sort(expected, (one, other) => one.Count != other.Count ? other.Count.CompareTo(one.Count) : other.Utf8.Span.SequenceCompareTo(one.Utf8.Span));
            Assert.Equal(Show(expected), Show(found));
            Assert.Equal(Show(expected.Take(limit)), Show(frequent.Ordered()));
            random.Shuffle(expected);
        }
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
