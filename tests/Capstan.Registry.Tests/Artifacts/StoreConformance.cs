using System.Text;

namespace Capstan.Registry.Tests.Artifacts;

/// <summary>What every store must do, the same for all.</summary>
public sealed class StoreConformance : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("capstan-store-");

    public static TheoryData<string> Kinds => ["folder", "S3"];

    static Task Unclaimed(ArtifactRecord copy) => Task.CompletedTask;

    static CancellationToken None => CancellationToken.None;

    async Task<IArtifactStore> OpenAsync(string kind) => ArtifactStores.Open(
        kind == "folder" ? Path.Combine(_folder.FullName, "store") : await S3Server.NewBucketAsync(), _ => null, TimeProvider.System);

    static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    static async Task<string?> ReadAsync(IArtifactStore store, string key)
    {
        await using var stream = await store.OpenAsync(key, None);
        if (stream is null)
        {
            return null;
        }

        using var text = new StreamReader(stream);
        return await text.ReadToEndAsync();
    }

    static async Task<string[]> KeysAsync(IArtifactStore store, string prefix)
    {
        var keys = new List<string>();
        await foreach (var file in store.ListAsync(prefix, None))
        {
            keys.Add(file.Key);
        }

        return [.. keys];
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_is_written_is_read_replaced_listed_and_deleted(string kind)
    {
        var store = await OpenAsync(kind);
        Assert.Null(await ReadAsync(store, "a/none"));
        Assert.Equal(3, await store.WriteAsync("a/one", Bytes("one"), None));
        await store.WriteAsync("a/b/é ü+.txt", Bytes(""), None);
        await store.WriteAsync("ab", Bytes("x"), None);
        Assert.Equal("one", await ReadAsync(store, "a/one"));
        Assert.Equal("", await ReadAsync(store, "a/b/é ü+.txt"));
        await store.WriteAsync("a/one", Bytes("another"), None);
        Assert.Equal("another", await ReadAsync(store, "a/one"));
        Assert.Equal(["a/b/é ü+.txt", "a/one"], await KeysAsync(store, "a/"));
        Assert.Equal(["a/b/é ü+.txt", "a/one", "ab"], await KeysAsync(store, "a"));
        Assert.Empty(await KeysAsync(store, "nothing/"));
        await store.DeleteAsync("a/one", None);
        await store.DeleteAsync("a/one", None);
        Assert.Null(await ReadAsync(store, "a/one"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Keys_cannot_lead_out_of_the_store(string kind)
    {
        var store = await OpenAsync(kind);
        foreach (var key in (string[])["../x", "a/../../x", "/etc/x", "a//b", "a/./b", "", "a\\..\\b", "a\0b", "a/", new string('x', 2000)])
        {
            await Assert.ThrowsAsync<ArgumentException>(() => store.WriteAsync(key, Bytes("x"), None));
            await Assert.ThrowsAsync<ArgumentException>(() => store.OpenAsync(key, None));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_writers_of_one_key_leave_one_whole_file(string kind)
    {
        var store = await OpenAsync(kind);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(index => store.WriteAsync("k", Bytes(new string((char)('a' + index), 100_000)), None)));
        var text = await ReadAsync(store, "k");
        Assert.Equal(100_000, text!.Length);
        Assert.Single(text.Distinct());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_file_that_is_not_read_to_its_end_is_not_there(string kind)
    {
        var store = await OpenAsync(kind);
        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync("k", new BreakingStream(), None));
        Assert.Empty(await KeysAsync(store, ""));
        Assert.Null(await ReadAsync(store, "k"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Copies_are_named_by_content_verified_and_found_damaged(string kind)
    {
        var store = await OpenAsync(kind);
        var copies = new ArtifactCopies(store);
        FileToCopy[] files = [File("b/two", "2"), File("one", "1")];
        var copy = await copies.CopyAsync(files, 100, DateTimeOffset.UnixEpoch, Unclaimed, None);
        Assert.Equal((2, 2), (copy.Files, copy.Bytes));
        Assert.Equal(copy.Hash, (await copies.CopyAsync([files[1], files[0]], 100, DateTimeOffset.UnixEpoch, Unclaimed, None)).Hash);
        Assert.NotEqual(copy.Hash, (await copies.CopyAsync([File("b/two", "3"), files[1]], 100, DateTimeOffset.UnixEpoch, Unclaimed, None)).Hash);
        var target = Path.Combine(_folder.FullName, "copy");
        await copies.MaterializeAsync(copy.Hash, target, None);
        Assert.Equal("2", System.IO.File.ReadAllText(Path.Combine(target, "b", "two")));
        Assert.Null(await copies.FindDamageAsync(copy.Hash, None));
        await store.WriteAsync($"artifacts/{copy.Hash}/one", Bytes("!"), None);
        Assert.Contains("one does not have", await copies.FindDamageAsync(copy.Hash, None));
        await Assert.ThrowsAsync<DamagedArtifactException>(() => copies.MaterializeAsync(copy.Hash, target, None));
        await store.DeleteAsync($"artifacts/{copy.Hash}/one", None);
        Assert.Contains("missing", await copies.FindDamageAsync(copy.Hash, None));
        await store.WriteAsync($"artifacts/{copy.Hash}/.files", Bytes("evil"), None);
        await Assert.ThrowsAsync<DamagedArtifactException>(() => copies.FindDamageAsync(copy.Hash, None));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_removed_copy_is_gone_and_made_anew(string kind)
    {
        var store = await OpenAsync(kind);
        var copies = new ArtifactCopies(store);
        FileToCopy[] files = [File("b/two", "2"), File("one", "1")];
        var copy = await copies.CopyAsync(files, 100, DateTimeOffset.UnixEpoch, Unclaimed, None);
        var other = await copies.CopyAsync([File("one", "other")], 100, DateTimeOffset.UnixEpoch, Unclaimed, None);
        await copies.DeleteAsync(copy.Hash, None);
        Assert.All(await KeysAsync(store, ""), key => Assert.StartsWith($"artifacts/{other.Hash}/", key));
        await copies.DeleteAsync(copy.Hash, None);
        await copies.CopyAsync(files, 100, DateTimeOffset.UnixEpoch, Unclaimed, None);
        Assert.Null(await copies.FindDamageAsync(copy.Hash, None));
    }

    /// <summary>The first two parts are whole, the third is not; S3 takes them one by one.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public async Task Files_of_several_parts_are_whole_or_not_there(string kind)
    {
        var store = await OpenAsync(kind);
        var bytes = new byte[S3Store.PartBytes * 2 + 12_345];
        new Random(5).NextBytes(bytes);
        Assert.Equal(bytes.Length, await store.WriteAsync("big", new MemoryStream(bytes), None));
        await using (var read = await store.OpenAsync("big", None))
        {
            Assert.Equal(System.Security.Cryptography.SHA256.HashData(bytes), await System.Security.Cryptography.SHA256.HashDataAsync(read!, None)); // written
        }

        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync("broken", new BreakingStream(reads: (int)(S3Store.PartBytes * 2 / 1000)), None));
        Assert.Equal(["big"], await KeysAsync(store, ""));
    }

    [Fact]
    public async Task Files_that_can_not_become_a_version_are_refused()
    {
        var copies = new ArtifactCopies(await OpenAsync("folder"));
        Task CopyAsync(params FileToCopy[] files) => copies.CopyAsync(files, 10, DateTimeOffset.UnixEpoch, Unclaimed, None);
        await Assert.ThrowsAsync<ArtifactRefusedException>(() => CopyAsync());
        await Assert.ThrowsAsync<ArtifactRefusedException>(() => CopyAsync(File("../x", "1")));
        await Assert.ThrowsAsync<ArtifactRefusedException>(() => CopyAsync(File(".files", "1")));
        await Assert.ThrowsAsync<ArtifactRefusedException>(() => CopyAsync(File("x", new string('x', 11))));
        await Assert.ThrowsAsync<ArtifactRefusedException>(() => CopyAsync([.. Enumerable.Range(0, 1001).Select(index => File($"f{index}", ""))]));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    static FileToCopy File(string path, string text) => new(path, Encoding.UTF8.GetByteCount(text), _ => Task.FromResult<Stream>(Bytes(text)));

    sealed class BreakingStream(int reads = 3) : MemoryStream
    {
        int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var part = buffer[..Math.Min(buffer.Length, 1000)];
            part.Span.Fill(1);
            return _reads++ < reads ? ValueTask.FromResult(part.Length) : throw new IOException("The connection broke.");
        }

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => CopyAsync(destination, cancellationToken);

        async Task CopyAsync(Stream destination, CancellationToken cancellationToken)
        {
            var buffer = new byte[1000];
            while (await ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
    }
}
