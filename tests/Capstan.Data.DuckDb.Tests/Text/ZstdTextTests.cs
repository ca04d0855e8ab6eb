namespace Capstan.Data.DuckDb.Tests.Text;

public sealed class ZstdTextTests : IDisposable
{
    readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("a.csv.zst", "a\n1\n2\n")]
    [InlineData("a.tsv.zst", "a\tb\n1\t\n2\t\n")]
    [InlineData("a.jsonl.zst", "\ufeff{\"a\":1}\n{\"a\":2}\n")]
    public async Task Compressed_text_is_read_as_what_it_is(string name, string text) =>
        Assert.Equal(["1", "2"], await (await Reading.Open(_data.WriteZstd(name, text))).Rows("a"));

    [Fact]
    public async Task Joined_frames_are_one_file()
    {
        var first = await File.ReadAllBytesAsync(_data.WriteZstd("1.zst", "a\n1\n"), TestContext.Current.CancellationToken);
        var second = await File.ReadAllBytesAsync(_data.WriteZstd("2.zst", "2\n"), TestContext.Current.CancellationToken);
        Assert.Equal(["1", "2"], await (await Reading.Open(_data.Write("a.csv.zst", [.. first, .. second]))).Rows());
    }

    [Fact]
    public async Task Truncated_files_are_said_wherever_they_end()
    {
        var text = $"a\n{string.Concat(Enumerable.Range(0, 40_000).Select(row => $"{row * 7919 % 100_003}\n"))}";
        var whole = await File.ReadAllBytesAsync(_data.WriteZstd("a.csv.zst", text), TestContext.Current.CancellationToken);
        foreach (var length in new[] { 5, 20, whole.Length / 2, whole.Length - 1 })
        {
            _data.Write("a.csv.zst", whole[..length]);
            await Assert.ThrowsAsync<UnreadableDataException>(async () => await (await Reading.Open(_data["a.csv.zst"])).Rows());
        }
    }
}
