namespace Capstan.Models.Tests.Artifacts;

public sealed class ReadBufferTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-read-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string File(string name, int length)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllBytes(path, [.. Enumerable.Range(0, length).Select(index => (byte)(index * 31 + name.Length))]);
        return path;
    }

    [Fact]
    public void Every_file_is_whole_whatever_was_read_before_it_and_in_the_round_before()
    {
        string[] files = [File("a", 1000), File("bb", 0), File("ccc", 300_000), File("dddd", 7)];
        for (var round = 0; round < 4; round++)
        {
            using var buffer = ReadBuffer.Rent();
            var read = files[(round % 2)..].Select(file => (file, buffer.Read(file))).ToList();
            Assert.All(read, each => Assert.Equal(System.IO.File.ReadAllBytes(each.file), each.Item2.ToArray()));
        }
    }

    [Fact]
    public void Two_at_once_do_not_share_their_room()
    {
        var (one, other) = (File("a", 5000), File("bb", 5000));
        using (var before = ReadBuffer.Rent())
        {
            before.Read(one);
        }

        using var first = ReadBuffer.Rent();
        using var second = ReadBuffer.Rent();
        var (mine, yours) = (first.Read(one), second.Read(other));
        Assert.Equal(System.IO.File.ReadAllBytes(one), mine.ToArray());
        Assert.Equal(System.IO.File.ReadAllBytes(other), yours.ToArray());
    }
}
