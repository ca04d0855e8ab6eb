using Capstan.Features;

namespace Capstan.Training.Tests.Shuffling;

public sealed class SpillFileTests : IDisposable
{
    static readonly FeatureLayout Layout = ExampleRows.Layout(2, 300);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-spill-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Rows_beyond_the_budget_are_spilled_and_come_back_in_the_same_order()
    {
        var batch = ExampleRows.Random(Layout, 50_000, new Random(1), row => row, row => row < 30_000 ? 1f : 2f);
        using var memory = ExampleRows.Store(batch);
        using var mixed = ExampleRows.Store(Keep(300_000), batch);
        using var spilled = ExampleRows.Store(Keep(0), batch);

        Assert.Equal((0, 0), (memory.SpilledBytes, spilled.MemoryBytes));
        Assert.InRange(mixed.MemoryBytes, 1, 300_000);
        Assert.Equal(memory.MemoryBytes, mixed.MemoryBytes + mixed.SpilledBytes);
        Assert.Equal(memory.MemoryBytes, spilled.SpilledBytes);
        Assert.Equal(memory.Labels, spilled.Labels);
        foreach (var epoch in Enumerable.Range(0, 3))
        {
            var expected = ExampleRows.Describe(memory.Epoch(epoch, 9, 512));
            Assert.Equal(expected, ExampleRows.Describe(mixed.Epoch(epoch, 9, 512)));
            Assert.Equal(expected, ExampleRows.Describe(spilled.Epoch(epoch, 9, 512)));
        }

        Assert.Equal(ExampleRows.Describe(memory.Rows(512)), ExampleRows.Describe(spilled.Rows(512)));
    }

    [Fact]
    public void The_file_has_no_name_that_a_killed_process_could_leave_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps the name and deletes the file with its last handle.");
        using var spilled = ExampleRows.Store(Keep(0), ExampleRows.Random(Layout, 100, new Random(1)));
        Assert.True(spilled.SpilledBytes > 0);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void Nothing_is_left_after_disposing()
    {
        ExampleRows.Store(Keep(0), ExampleRows.Random(Layout, 100, new Random(1))).Dispose();
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named_with_what_to_do()
    {
        var missing = Path.Combine(_folder.FullName, "missing");
        using var writer = new FeatureStoreWriter(Layout, new FeatureStoreOptions { MemoryBytes = 0, SpillFolder = missing });
        writer.Append(ExampleRows.Random(Layout, 10, new Random(1)));
        var failure = Assert.Throws<SpillFailedException>(writer.Finish);
        Assert.Equal(missing, failure.Folder);
        Assert.Contains(missing, failure.Message);
        Assert.Contains("FeatureStoreOptions.SpillFolder", failure.Message);
    }

    [Fact]
    public void A_full_disk_is_named_with_the_bytes_needed()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        using var writer = new FeatureStoreWriter(new RowCodec(Layout), 0, () => new SpillFile(_folder.FullName, full), null);
        writer.Append(ExampleRows.Random(Layout, 10, new Random(1)));
        var failure = Assert.Throws<SpillFailedException>(writer.Finish);
        Assert.Equal(10 * (4 + 2 * 4 + 2), failure.NeededBytes);
        Assert.Equal(0, failure.SpilledBytes);
        Assert.Contains("140 more bytes", failure.Message);
        Assert.Contains("Make room there", failure.Message);
    }

    [Fact]
    public void A_file_that_lost_its_end_is_noticed()
    {
        FileStream? file = null;
        using var writer = new FeatureStoreWriter(new RowCodec(Layout), 0, Open, null);
        writer.Append(ExampleRows.Random(Layout, 100, new Random(1)));
        using var store = writer.Finish();
        RandomAccess.SetLength(Assert.IsType<FileStream>(file).SafeFileHandle, 50);
        Assert.Throws<EndOfStreamException>(() => store.Epoch(0, 1, 10).First());

        SpillFile Open()
        {
            var path = Path.Combine(_folder.FullName, "rows");
            file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return new SpillFile(_folder.FullName, file);
        }
    }

    FeatureStoreOptions Keep(long memoryBytes) => new() { MemoryBytes = memoryBytes, SpillFolder = _folder.FullName };
}
