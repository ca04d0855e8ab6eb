using System.Collections.Immutable;

namespace Capstan.Data.DuckDb;

/// <summary>A text file in parts of about the same size, each starting with a record. Thread-safe.</summary>
/// <remarks>
/// The parts depend on the file's content alone and their records are those of the whole file: a boundary that can't be told for
/// certain is left out. A compressed file is one part.
/// </remarks>
sealed class TextParts
{
    const int ReadBytes = 1 << 20;

    readonly DataFilePath _path;
    readonly Lock _gate = new();
    readonly List<long> _linesBefore = [0];

    /// <param name="partBytes">About how long a part is.</param>
    /// <param name="boundary">The first certain start of a record at or after a position of the file, or null.</param>
    public TextParts(DataFilePath path, long partBytes, Func<long, long?> boundary)
    {
        _path = path;
        var starts = new List<long> { 0 };
        if (path.Length > partBytes && IsPlain(path))
        {
            // A rest of less than half a part is not worth one of its own.
            for (var wanted = partBytes; wanted < path.Length - partBytes / 2; wanted += partBytes)
            {
                if (boundary(wanted) is { } start && start > starts[^1] && start < path.Length)
                {
                    starts.Add(start);
                }
            }
        }

        Parts =
        [
            .. starts.Select((start, index) => new FilePart(0, null)
            {
                FirstByte = start, EndByte = index + 1 < starts.Count ? starts[index + 1] : null,
            }),
        ];
    }

    public ImmutableArray<FilePart> Parts { get; }

    public TextWindow Open(FilePart part) => new(TextFile.Open(_path.Path, _path.Name, part.FirstByte), _path.Name);

    /// <summary>How many lines end before a part; what has been counted for one part is not counted again for the next.</summary>
    public long LinesBefore(FilePart part)
    {
        lock (_gate)
        {
            var index = Parts.IndexOf(part);
            while (_linesBefore.Count <= index)
            {
                var counted = Parts[_linesBefore.Count - 1];
                // Only the last part has no end, and nothing follows it.
                _linesBefore.Add(_linesBefore[^1] + CountLines(counted.FirstByte, counted.EndByte!.Value));
            }

            return _linesBefore[index];
        }
    }

    /// <summary>
    /// The start of the first line at or after a position that is not the file's beginning; null where none follows.
    /// </summary>
    public static long? LineAfter(DataFilePath path, long position)
    {
        using var window = new TextWindow(TextFile.Open(path.Path, path.Name, position - 1), path.Name);
        window.SkipLine();
        return window.Unread.IsEmpty && !window.Extend() ? null : window.Position;
    }

    static bool IsPlain(DataFilePath path)
    {
        using var stream = TextFile.Open(path.Path, path.Name);
        return stream.CanSeek;
    }

    long CountLines(long from, long to)
    {
        using var stream = TextFile.Open(_path.Path, _path.Name);
        stream.Position = from;
        var bytes = new byte[ReadBytes];
        var lines = 0L;
        while (from < to && stream.Read(bytes.AsSpan(0, (int)Math.Min(ReadBytes, to - from))) is > 0 and var count)
        {
            lines += bytes.AsSpan(0, count).Count((byte)'\n');
            from += count;
        }

        return lines;
    }
}
