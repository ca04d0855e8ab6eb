using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>
/// An artifact as a folder: content in five CBOR files or up to seven, the lineage as readable JSON, and SHA256SUMS over all
/// of them (which
/// <c>sha256sum -c</c> checks too). Written aside and renamed, so a folder of that name is always whole.
/// </summary>
public static class ArtifactFolder
{
    const string LineageFile = "lineage.json";
    const string ChecksumFile = "SHA256SUMS";

    /// <summary>
    /// How far a prediction of a foreign runtime may be from that of the machine where it was imported, relative to 1 + its
    /// size: its
    /// sums run in another order on another processor.
    /// </summary>
    public const double ForeignTolerance = 1e-3;

    /// <summary>Writes the artifact.</summary>
    /// <param name="folder">Where; its parent is created if need be.</param>
    /// <param name="overwrite">Replace an artifact that is there.</param>
    /// <exception cref="IOException">
    /// The folder exists and shall not be overwritten, the disk is full, …; nothing half-written stays.
    /// </exception>
    public static void Write(ModelArtifact artifact, string folder, bool overwrite)
    {
        CheckPlace(folder, overwrite);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(folder) ?? throw new IOException("A model can't be the root folder.");
        var aside = Path.Combine(parent, $".{Path.GetFileName(folder)}.{artifact.Hash.Short}.part");
        Directory.CreateDirectory(aside);
        try
        {
            WriteFiles(artifact, aside);
            if (!Directory.Exists(folder))
            {
                Directory.Move(aside, folder);
                return;
            }

            // A folder can't be replaced in one step: for a moment the old one has another name, and both are whole.
            var old = Path.Combine(parent, $".{Path.GetFileName(folder)}.old");
            Delete(old);
            Directory.Move(folder, old);
            try
            {
                Directory.Move(aside, folder);
            }
            catch (IOException)
            {
                Directory.Move(old, folder);
                throw;
            }

            Delete(old);
        }
        finally
        {
            Delete(aside);
        }
    }

    /// <summary>What <see cref="Write"/> checks first, for callers who want to know before they train.</summary>
    /// <exception cref="IOException">The folder exists and shall not be overwritten, or is no model.</exception>
    public static void CheckPlace(string folder, bool overwrite)
    {
        if (Path.Exists(folder) && !overwrite)
        {
            throw new IOException($"'{folder}' exists already. Choose another place for the model, or say --overwrite.");
        }

        if (Path.Exists(folder) && !File.Exists(Path.Combine(folder, ChecksumFile)))
        {
            throw new IOException($"'{folder}' is no model, so it is not overwritten. Choose another place for the model.");
        }
    }

    /// <summary>
    /// Reads and verifies: every file's hash, every value's range, and the golden rows' predictions, to the bit (those of a
    /// model that
    /// was trained elsewhere within <see cref="ForeignTolerance"/>).
    /// </summary>
    /// <exception cref="CorruptArtifactException">Any of it fails; the message says what.</exception>
    /// <exception cref="UnknownRuntimeException">The model was trained elsewhere, and this program has not what runs
    /// it.</exception>
    public static ModelArtifact Read(string folder) => Read(folder, isWhole: true);

    /// <summary>
    /// Like <see cref="Read(string)"/>, for who only predicts: statistics and lineage are hashed as the rest, but not decoded,
    /// because that takes longer than all that predictions need. The artifact has no statistics and an empty lineage; it is not to
    /// be written.
    /// </summary>
    /// <inheritdoc cref="Read(string)"/>
    public static ModelArtifact ReadToPredict(string folder) => Read(folder, isWhole: false);

    static ModelArtifact Read(string folder, bool isWhole)
    {
        if (!Directory.Exists(folder))
        {
            throw new CorruptArtifactException(folder, "there is no such folder.");
        }

        using var buffer = ReadBuffer.Rent();
        var files = ReadVerified(folder, buffer);
        try
        {
            var transform = StoredState.FromBytes<FrozenTransform>(files[ArtifactSection.Transform].Bytes);
            var predictor = Whole(files[ArtifactSection.Predictor].Bytes, reader => PredictorCodec.Read(reader, transform.Output));
            var (label, schema) = Whole(files[ArtifactSection.Label].Bytes, LabelCodec.Read);
            var expected = predictor.Output.ClassCount;
            if ((label.Classes?.Count ?? 0) != expected)
            {
                throw new CorruptArtifactException(
                    folder, $"its label has {label.Classes?.Count ?? 0} classes, its predictor {expected}.");
            }

            var lineage = !isWhole ? Lineage.Empty : JsonSerializer.Deserialize(files[LineageFile].Bytes.Span, LineageJson.Default.Lineage)
                ?? throw new CorruptArtifactException(folder, $"{LineageFile} is empty.");
            var artifact = new ModelArtifact(
                transform, predictor, label, schema,
                isWhole ? StoredState.FromBytes<TableStatistics>(files[ArtifactSection.Statistics].Bytes) : new TableStatistics(new Schema([])),
                StoredState.FromBytes<GoldenRows>(files[ArtifactSection.Golden].Bytes),
                lineage)
            {
                Reference = files.TryGetValue(ArtifactSection.Reference, out var reference)
                    ? Whole(reference.Bytes, reader => ReferenceRows.ReadFrom(reader, transform.Output))
                    : null,
                Intervals = files.TryGetValue(ArtifactSection.Intervals, out var intervals)
                    ? Whole(intervals.Bytes, reader => IntervalCodec.Read(reader, transform.Output))
                    : null,
            };
            Verify(artifact, folder);
            return new ModelArtifact(artifact, ArtifactSection.HashOf(
                ArtifactSection.FileNames.AddRange(ArtifactSection.OptionalFileNames).Where(files.ContainsKey)
                    .Select(name => new ArtifactSection(name, [], files[name].Hash))));
        }
        catch (Exception cause) when (cause is CorruptStateException or CborContentException or InvalidOperationException
            or OverflowException or JsonException or ArgumentException)
        {
            throw new CorruptArtifactException(folder, cause.Message, cause);
        }
    }

    static void WriteFiles(ModelArtifact artifact, string folder)
    {
        var lineage = JsonSerializer.SerializeToUtf8Bytes(artifact.Lineage, LineageJson.Default.Lineage);
        ImmutableArray<ArtifactSection> all =
            [.. artifact.Sections, new ArtifactSection(LineageFile, lineage, ContentHash.Of(lineage))];
        foreach (var section in all)
        {
            WriteDurably(Path.Combine(folder, section.FileName), section.Bytes);
        }

        var checksums = string.Concat(all.Select(section => section.ChecksumLine));
        WriteDurably(Path.Combine(folder, ChecksumFile), Encoding.UTF8.GetBytes(checksums));
    }

    static void WriteDurably(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>The files with their hashes; their bytes are the buffer's.</summary>
    static Dictionary<string, (ReadOnlyMemory<byte> Bytes, ContentHash Hash)> ReadVerified(string folder, ReadBuffer buffer)
    {
        var files = new Dictionary<string, (ReadOnlyMemory<byte> Bytes, ContentHash Hash)>(StringComparer.Ordinal);
        var found = Encoding.UTF8.GetString(ReadFile(folder, ChecksumFile, buffer).Span);
        string[] names =
        [
            .. ArtifactSection.FileNames,
            .. ArtifactSection.OptionalFileNames.Where(name => found.Contains($"  {name}\n", StringComparison.Ordinal)), LineageFile,
        ];
        var expected = new StringBuilder();
        foreach (var name in names)
        {
            var bytes = ReadFile(folder, name, buffer);
            files[name] = (bytes, ContentHash.Of(bytes.Span));
            var line = new ArtifactSection(name, [], files[name].Hash).ChecksumLine;
            expected.Append(line);
            if (!found.Contains(line, StringComparison.Ordinal))
            {
                throw new CorruptArtifactException(
                    folder, $"{name} ({bytes.Length:N0} bytes) does not have the SHA-256 that {ChecksumFile} says.");
            }
        }

        return found == expected.ToString()
            ? files
            : throw new CorruptArtifactException(
                folder, $"{ChecksumFile} holds other lines than those of {string.Join(", ", names)}.");
    }

    static ReadOnlyMemory<byte> ReadFile(string folder, string name, ReadBuffer buffer)
    {
        try
        {
            return buffer.Read(Path.Combine(folder, name));
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CorruptArtifactException(folder, $"its file {name} is missing.", cause);
        }
    }

    static T Whole<T>(ReadOnlyMemory<byte> bytes, Func<CborReader, T> read)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Canonical);
        var value = read(reader);
        return reader.BytesRemaining == 0
            ? value
            : throw new CorruptStateException(typeof(T).Name, $"{reader.BytesRemaining:N0} bytes follow its end");
    }

    static void Verify(ModelArtifact artifact, string folder)
    {
        try
        {
            Replay(artifact, folder);
        }
        catch
        {
            // Nobody gets to have it, so nobody else could.
            (artifact.Predictor as IForeignPredictor)?.Rest();
            throw;
        }
    }

    static void Replay(ModelArtifact artifact, string folder)
    {
        var golden = artifact.Golden;
        var width = artifact.Predictor.Output.Width;
        var predictions = new float[golden.Rows.RowCount * width];
        if (predictions.Length != golden.Predictions.Length)
        {
            throw new CorruptArtifactException(
                folder,
                $"it has {golden.Predictions.Length} predictions for {golden.Rows.RowCount} golden rows, expected {width} for each.");
        }

        new ModelScorer(artifact.Transform, artifact.Predictor).Score(golden.Rows, predictions);
        for (var index = 0; index < predictions.Length; index++)
        {
            if (!IsSame(artifact.Predictor, predictions[index], golden.Predictions[index]))
            {
                throw new CorruptArtifactException(
                    folder,
                    $"golden row {index / width + 1} gives {predictions[index]:R} here, " +
                    $"but gave {golden.Predictions[index]:R} where the model was trained.");
            }
        }
    }

    static bool IsSame(IPredictor predictor, float here, float there) => predictor is IForeignPredictor
        ? Math.Abs((double)here - there) <= ForeignTolerance * (1 + Math.Abs(there))
        : BitConverter.SingleToInt32Bits(here) == BitConverter.SingleToInt32Bits(there);

    static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
