namespace Capstan.Data.DuckDb;

/// <summary>The bad rows of one reading of one split.</summary>
/// <param name="fails">Whether the first bad row ends the reading.</param>
/// <param name="quarantineFile">Where raw rows go at the end; null: nowhere.</param>
sealed class BadRowTally(bool fails, int splitIndex, string file, string? quarantineFile, int readingNumber) : IDisposable
{
    public const int MaxExamples = 5;
    const int MaxFoundLength = 80;

    FileStream? _raw;

    /// <summary>
    /// Whether rows may be left out: then every column is checked, asked for or not, so that any projection leaves out the
    /// same rows.
    /// </summary>
    public bool LeavesRowsOut => !fails;

    public int SplitIndex => splitIndex;

    public string File => file;

    public long Count { get; private set; }

    public long NotUtf8Count { get; private set; }

    public List<BadRow> Examples { get; } = [];

    /// <param name="raw">The row's bytes without a final line break, for the quarantine file.</param>
    /// <exception cref="BadRowException">The policy is to fail.</exception>
    public void Add(long lineNumber, string? column, string found, string expected, ReadOnlySpan<byte> raw)
    {
        found = found.Length <= MaxFoundLength ? found : $"{found.AsSpan(0, MaxFoundLength)}…";
        if (fails)
        {
            throw new BadRowException(file, lineNumber, column, found, expected);
        }

        Count++;
        NotUtf8Count += expected == TextFaults.ValidUtf8 ? 1 : 0;
        if (Examples.Count < MaxExamples)
        {
            Examples.Add(new BadRow(file, lineNumber, column, found, expected));
        }

        if (quarantineFile is not null)
        {
            Keep(quarantineFile, raw);
        }
    }

    /// <summary>
    /// Appends the rows kept so far to the quarantine file: all or none of them. A reading that was broken off has written
    /// nothing there.
    /// </summary>
    /// <exception cref="UnwritableFileException">The disk is full or the file may not be written.</exception>
    public void WriteQuarantine()
    {
        if (_raw is null || quarantineFile is null)
        {
            return;
        }

        _raw.Position = 0;
        try
        {
            using var target = new FileStream(quarantineFile, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, BufferSize = 0,
            });
            Append(_raw, target);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UnwritableFileException(quarantineFile, cause.Message, cause);
        }
    }

    public void Dispose() => _raw?.Dispose();

    void Keep(string target, ReadOnlySpan<byte> raw)
    {
        try
        {
            // Beside the quarantine file, which may be on a larger disk than the temporary folder.
            _raw ??= new FileStream($"{target}.{readingNumber}.part", new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose,
            });
            _raw.Write(raw);
            _raw.WriteByte((byte)'\n');
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UnwritableFileException(target, cause.Message, cause);
        }
    }

    static void Append(FileStream rows, FileStream target)
    {
        var lengthBefore = target.Length;
        target.Position = lengthBefore;
        try
        {
            rows.CopyTo(target);
        }
        catch
        {
            target.SetLength(lengthBefore);
            throw;
        }
    }
}
