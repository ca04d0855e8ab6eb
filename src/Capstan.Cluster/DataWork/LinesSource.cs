using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Capstan.Data;

namespace Capstan.Cluster;

/// <summary>Lines of text files as a column <c>line</c>, cut where lines begin, so that several processes read a large file.</summary>
sealed class LinesSource : IBatchSource
{
    const int BatchLines = 4096;
    const int MarkBytes = 2;

    readonly List<(string File, long Start, long End)> _parts = [];

    /// <param name="files">By names that lead to them on every machine.</param>
    /// <param name="partBytes">A part begins at the first line after so many bytes; changes no line.</param>
    /// <exception cref="UnreadableDataException">A file is not there.</exception>
    public LinesSource(IReadOnlyList<string> files, long partBytes)
    {
        var facts = new StringBuilder();
        foreach (var file in files)
        {
            var found = new FileInfo(file);
            var length = found.Exists ? found.Length : throw new UnreadableDataException(file, "there is no such file; check the path.");
            facts.Append(file).Append('\n').Append(length).Append('\n').Append(found.LastWriteTimeUtc.Ticks).Append('\n');
            // In text of 16 bits no byte is a line's end by itself.
            var step = IsWide(file) ? Math.Max(length, 1) : partBytes;
            for (var start = 0L; start < Math.Max(length, 1); start += step)
            {
                _parts.Add((file, start, Math.Min(length, start + step)));
            }
        }

        Fingerprint = $"lines {partBytes} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts.ToString())))}";
        Splits = [.. _parts.Select((part, index) => new Split(index, $"{part.File}, bytes from {part.Start:N0}", null))];
    }

    public Schema Schema { get; } = new([new Field("line", DataType.Text)]);

    public IReadOnlyList<Split> Splits { get; }

    public string Fingerprint { get; }

    public string FileOf(Split split) => _parts[split.Index].File;

    public bool BeginsFile(Split split) => _parts[split.Index].Start == 0;

    public async IAsyncEnumerable<ColumnBatch> ReadAsync(
        Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (file, start, end) = _parts[split.Index];
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16);
        (start, end) = (LineAt(stream, start), LineAt(stream, end));
        stream.Position = start;
        using var text = new StreamReader(
            new Stretch(stream, end), new UTF8Encoding(false, throwOnInvalidBytes: false), detectEncodingFromByteOrderMarks: start == 0);
        var lines = new ColumnBuilder(DataType.Text);
        while (await text.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Append(line);
            if (lines.Length == BatchLines)
            {
                yield return new ColumnBatch(Schema.Select(columns), [.. columns.Select(_ => lines.Column)]);
                lines.Clear();
            }
        }

        if (lines.Length > 0)
        {
            yield return new ColumnBatch(Schema.Select(columns), [.. columns.Select(_ => lines.Column)]);
        }
    }

    /// <summary>Where the first line begins at a place or after it.</summary>
    static long LineAt(FileStream stream, long place)
    {
        if (place == 0 || place >= stream.Length)
        {
            return Math.Min(place, stream.Length);
        }

        // The line's end may be the very byte before.
        stream.Position = place - 1;
        int read;
        do
        {
            read = stream.ReadByte();
        }
        while (read is not ('\n' or -1));
        return stream.Position;
    }

    static bool IsWide(string file)
    {
        Span<byte> mark = stackalloc byte[MarkBytes];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return stream.ReadAtLeast(mark, MarkBytes, throwOnEndOfStream: false) == MarkBytes && mark is [0xFF, 0xFE] or [0xFE, 0xFF];
    }

    /// <summary>A stream that ends earlier.</summary>
    sealed class Stretch(FileStream stream, long end) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => stream.Read(buffer[..LengthOf(buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            stream.ReadAsync(buffer[..LengthOf(buffer.Length)], cancellationToken);

        int LengthOf(int length) => (int)Math.Min(length, end - stream.Position);
    }
}
