namespace Capstan.Data.DuckDb;

/// <summary>The bad rows of one reading of one split.</summary>
/// <param name="policy">What happens to a bad row.</param>
/// <param name="quarantineFile">Where raw rows go at the end; null: nowhere.</param>
sealed class BadRowTally(
    BadRowPolicy policy, int splitIndex, string file, string? quarantineFile, int readingNumber) : IDisposable
{
    public const int MaxExamples = 5;
    const int MaxFoundLength = 80;

    FileStream? _raw;
    Lazy<long> _linesBefore = new(0L);

    /// <summary>
    /// Whether rows may be left out because of a value: then every column is checked, asked for or not, so that any projection
    /// leaves out the same rows.
    /// </summary>
    public bool ChecksEveryColumn => policy is not (BadRowPolicy.FailPolicy or BadRowPolicy.NullPolicy);

    /// <summary>Whether the first bad row ends the reading.</summary>
    public bool EndsAtFirst => policy is BadRowPolicy.FailPolicy;

    public int SplitIndex => splitIndex;

    public string File => file;

    public long Count { get; private set; }

    public long NotUtf8Count { get; private set; }

    public List<BadRow> Examples { get; } = [];

    /// <summary>The values made missing, by column.</summary>
    public Dictionary<string, (long Count, List<BadRow> Examples)> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Where the split does not start with its file: how many lines are before it, asked for if there is a bad row.
    /// </summary>
    public void CountLinesFrom(Func<long> linesBefore) => _linesBefore = new Lazy<long>(linesBefore);

    /// <param name="lineNumber">1-based, within the split.</param>
    /// <param name="raw">The row's bytes without a final line break, for the quarantine file.</param>
    /// <exception cref="BadRowException">The policy is to fail.</exception>
    public void Add(long lineNumber, string? column, string found, string expected, ReadOnlySpan<byte> raw)
    {
        lineNumber += _linesBefore.Value;
        found = Shorten(found);
        if (policy is BadRowPolicy.FailPolicy)
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

    /// <summary>Counts a value that can't be read, where the policy is to take it for missing.</summary>
    /// <returns>Whether that is the policy.</returns>
    public bool TryMakeMissing(long lineNumber, string column, ReadOnlySpan<byte> found, string expected)
    {
        if (policy is not BadRowPolicy.NullPolicy)
        {
            return false;
        }

        lineNumber += _linesBefore.Value;
        var (count, examples) = Missing.GetValueOrDefault(column, (0, []));
        if (examples.Count < MaxExamples)
        {
            var text = System.Text.Encoding.UTF8.GetString(found[..Math.Min(found.Length, 4 * MaxFoundLength)]);
            examples.Add(new BadRow(file, lineNumber, column, Shorten(text), expected));
        }

        Missing[column] = (count + 1, examples);
        return true;
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

    static string Shorten(string found) =>
        found.Length <= MaxFoundLength ? found : $"{found.AsSpan(0, MaxFoundLength)}…";

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
