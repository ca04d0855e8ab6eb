namespace Capstan.Data.DuckDb;

/// <summary>Opens text files: finds out about compression, byte order marks and encodings that are not UTF-8.</summary>
static class TextFile
{
    /// <summary>The file's UTF-8 text from its first character on, decompressed where it is gzip or zstd.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What the user calls it.</param>
    /// <param name="firstByte">Where to start instead, in a file that is not compressed.</param>
    /// <exception cref="UnreadableDataException">
    /// It is missing, empty, not ours to read, or in another encoding or format.
    /// </exception>
    public static Stream Open(string path, string name, long firstByte = 0)
    {
        Stream stream;
        try
        {
            stream = new FileStream(path, new FileStreamOptions { BufferSize = 1 << 16, Options = FileOptions.SequentialScan });
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableDataException(name, $"it can't be opened ({cause.Message})", cause);
        }

        try
        {
            var start = Start(stream);
            if (start is [0x1f, 0x8b, ..])
            {
                stream.Position = 0;
                return SkipMark(new GzipText(stream), name, "gzip");
            }

            if (start is [0x28, 0xb5, 0x2f, 0xfd])
            {
                stream.Position = 0;
                return SkipMark(new ZstdText(stream), name, "zstd");
            }

            RefuseOtherFormats(start, name);
            stream.Position = firstByte > 0 ? firstByte : start is [0xef, 0xbb, 0xbf, ..] ? 3 : 0;
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    static byte[] Start(Stream stream)
    {
        var start = new byte[4];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    /// <summary>A decompressed stream can't be rewound, so what was looked at is put in front again.</summary>
    static JoinedStream SkipMark(Stream stream, string name, string compression)
    {
        try
        {
            var start = Start(stream);
            RefuseOtherFormats(start, name);
            return new JoinedStream(new MemoryStream(start is [0xef, 0xbb, 0xbf, ..] ? start[3..] : start), stream);
        }
        catch (InvalidDataException cause)
        {
            throw new UnreadableDataException(name,
                $"it starts like a {compression} file but can't be decompressed; fetch or compress it again.", cause);
        }
    }

    static void RefuseOtherFormats(ReadOnlySpan<byte> start, string name)
    {
        var problem = start switch
        {
            [] => "it is empty; a data file needs at least a header or one row.",
            [0xff, 0xfe, ..] or [0xfe, 0xff, ..] => "it is UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8).",
            [(byte)'P', (byte)'A', (byte)'R', (byte)'1'] =>
                "it is a Parquet file; name it .parquet or set the format to parquet.",
            [0x28, 0xb5, 0x2f, 0xfd] or [0x1f, 0x8b, ..] => "it is compressed twice; decompress it once.",
            [(byte)'A', (byte)'R', (byte)'R', (byte)'O'] =>
                "it is an Arrow file; name it .arrow or set the format to arrow.",
            [(byte)'P', (byte)'K', 3, 4] => "it is a zip archive (or a spreadsheet); unpack it, or save the sheet as CSV.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new UnreadableDataException(name, problem);
        }
    }
}
