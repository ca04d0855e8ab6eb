using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Capstan.Data.Arrow;

namespace Capstan.Data.DuckDb;

/// <summary>An Apache Arrow IPC file (also "Feather version 2") or stream, read from front to end.</summary>
sealed class ArrowFile : DataFile
{
    readonly ReadOptions _options;
    readonly Schema _schema;

    ArrowFile(DataFilePath path, ReadOptions options, Schema schema, bool hasRows)
        : base(path)
    {
        _options = options;
        _schema = schema;
        Columns = [.. schema.Fields.Select(field => new FoundColumn(field.Name, field.Type))];
        HasRows = hasRows;
    }

    public override IReadOnlyList<FoundColumn> Columns { get; }

    public override IReadOnlyList<FilePart> Parts { get; } = [new FilePart(0, null)];

    public override bool HasRows { get; }

    /// <exception cref="UnreadableDataException">It is no Arrow file, truncated, or has columns that can't be read.</exception>
    public static ArrowFile Open(DataFilePath path, ReadOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var reader = OpenReader(path);
        var schema = Guarded(path, () => reader.Schema ?? throw new InvalidDataException("there is no schema"));
        return new ArrowFile(path, options, ArrowSchemas.Read(schema, path.Name), Next(reader, path) is not null);
    }

    public override RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally)
    {
        Path.CheckUnchanged();
        return new ArrowScan(OpenReader(Path), Path, _schema, schema, wanted, tally, _options);
    }

    /// <summary>The next batch with rows; null at the end.</summary>
    public static Apache.Arrow.RecordBatch? Next(ArrowStreamReader reader, DataFilePath path) => Guarded(path, () =>
    {
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            if (batch.Length > 0)
            {
                return batch;
            }

            batch.Dispose();
        }

        return null;
    });

    static ArrowStreamReader OpenReader(DataFilePath path) => Guarded(path, () =>
    {
        var stream = new FileStream(
            path.Path, new FileStreamOptions { BufferSize = 1 << 16, Options = FileOptions.SequentialScan });
        try
        {
            var start = new byte[6];
            var isFile = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length &&
                start.AsSpan().SequenceEqual("ARROW1"u8);
            stream.Position = 0;
            var codecs = new CompressionCodecFactory();
            return isFile ? new ArrowFileReader(stream, codecs) : new ArrowStreamReader(stream, codecs);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    });

    /// <summary>The package meets damage with whatever exception comes of it; all of them mean the same.</summary>
    static T Guarded<T>(DataFilePath path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or UnauthorizedAccessException
            or ArgumentException or InvalidOperationException or NotSupportedException or NotImplementedException
            or IndexOutOfRangeException or OverflowException or NullReferenceException)
        {
            throw new UnreadableDataException(path.Name,
                path.Length == 0 ? "it is empty; an Arrow file has at least a schema."
                : $"it is no Arrow IPC file or stream, or truncated or damaged ({cause.Message.TrimEnd('.')}). " +
                    "Fetch or write it again, or set the format if it has another.",
                cause);
        }
    }
}
