namespace Capstan.Data.Tests.Sinks;

public sealed class AsideFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-sinks-").FullName;

    string Target => Path.Combine(_folder, "out.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_file_appears_when_it_is_complete()
    {
        await File.WriteAllTextAsync(Target, "old");
        await using var writer = new CsvWriter(Target, Batches.AllTypes);
        await writer.WriteAsync(Batches.Random(1, 20_000), CancellationToken.None);
        Assert.Equal("old", await File.ReadAllTextAsync(Target));
        await writer.CompleteAsync(CancellationToken.None);
        Assert.StartsWith("id,x,", await File.ReadAllTextAsync(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_is_not_completed_leaves_nothing()
    {
        await using (var writer = new CsvWriter(Target, Batches.AllTypes))
        {
            await writer.WriteAsync(Batches.Random(1, 20_000), CancellationToken.None);
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_is_cancelled_leaves_nothing()
    {
        await using (var writer = new JsonLinesWriter(Target, Batches.AllTypes))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await writer.WriteAsync(Batches.Random(1, 10), new CancellationToken(canceled: true)));
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_full_disk_is_said_clearly_and_leaves_nothing()
    {
        var file = new AsideFile(Target, path => new FullDisk(File.Create(path), room: 300_000));
        await using (var writer = new CsvWriter(Batches.AllTypes, ',', file))
        {
            var problem = await Assert.ThrowsAsync<UnwritableFileException>(async () =>
            {
                for (var round = 0; round < 10; round++)
                {
                    await writer.WriteAsync(Batches.Random(1, 8_000), CancellationToken.None);
                }
            });
            Assert.Equal(Target, problem.File);
            Assert.Contains("No space left", problem.Message);
            Assert.Contains("make room", problem.Message);
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_said_clearly()
    {
        var path = Path.Combine(_folder, "nowhere", "out.csv");
        Assert.Equal(path, Assert.Throws<UnwritableFileException>(() => new CsvWriter(path, Batches.AllTypes)).File);
    }

    sealed class FullDisk(FileStream file, long room) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            file.Position + buffer.Length > room ? throw new IOException("No space left on device")
                : file.WriteAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush() => file.Flush();

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
