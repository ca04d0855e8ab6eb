using System.Globalization;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>
/// Keeps a training's state in a folder, so that a killed process loses at most what came after the last checkpoint: the same
/// training goes on from there and comes to the same model, to the bit. Not thread-safe; disposing lets others use the folder.
/// </summary>
/// <remarks>
/// The two latest checkpoints stay. Each is written aside, flushed to the disk and renamed, and verified by its SHA-256 before it is
/// used: a damaged one gives way to the one before it. A checkpoint that can't be written (a full disk) is said and left out;
/// training goes on. A process that is killed leaves no lock behind.
/// </remarks>
public sealed class CheckpointFolder : IDisposable
{
    const string Prefix = "checkpoint-";
    const string Suffix = ".state";
    const int Kept = 2;

    readonly CheckpointOptions _options;
    readonly TrainingIdentity _identity;
    readonly TimeProvider _clock;
    readonly Action<string>? _notice;
    readonly Func<string, Stream> _create;
    readonly FileStream _lock;
    long _savedAt;
    int _batchesSince;
    int _failures;
    bool _isFinished;
    long _nextNumber;

    /// <param name="identity">What the state depends on.</param>
    /// <param name="notice">Told in words what a person should know.</param>
    /// <exception cref="CheckpointRefusedException">
    /// The folder holds the unfinished training of another identity, another process uses it, or it can't be made.
    /// </exception>
    public CheckpointFolder(CheckpointOptions options, TrainingIdentity identity, TimeProvider clock, Action<string>? notice)
        : this(options, identity, clock, notice, CreateFile)
    {
    }

    /// <param name="create">Creates a checkpoint's file; tests give a disk that is full.</param>
    internal CheckpointFolder(
        CheckpointOptions options, TrainingIdentity identity, TimeProvider clock, Action<string>? notice, Func<string, Stream> create)
    {
        options.Validate();
        (_options, _identity, _clock, _notice, _create) = (options, identity, clock, notice, create);
        _lock = Lock(options.Folder);
        try
        {
            DropOthers();
        }
        catch
        {
            _lock.Dispose();
            throw;
        }

        _savedAt = clock.GetTimestamp();
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Takes up the latest whole checkpoint, if there is any.</summary>
    /// <exception cref="CheckpointRefusedException">The learner has no state that can be stored.</exception>
    internal void Resume(ICheckpointed run)
    {
        if (run.Unstorable is { } name)
        {
            throw new CheckpointRefusedException(
                _options.Folder, $"{name} has no state that can be stored. Train without checkpoints.");
        }

        foreach (var file in Files().Reverse())
        {
            if (TryRead(file, run.Restore, out var isFinished))
            {
                _isFinished = isFinished;
                _notice?.Invoke(isFinished
                    ? $"the training in '{_options.Folder}' had come to its end, and is taken over as it is"
                    : $"training goes on from the checkpoint in '{_options.Folder}' after {run.Position}");
                return;
            }
        }
    }

    /// <summary>Keeps the state after a batch, or a tree, if it is time to.</summary>
    internal void SaveIfDue(ICheckpointed run)
    {
        _batchesSince++;
        var isDue = _options.EveryBatches is { } batches
            ? _batchesSince >= batches
            : _clock.GetElapsedTime(_savedAt) >= _options.Every;
        if (isDue)
        {
            Save(run, isFinished: false);
        }
    }

    /// <summary>Keeps the state of a training that is done: another one may take the folder.</summary>
    internal void Finish(ICheckpointed run)
    {
        if (!_isFinished)
        {
            Save(run, isFinished: true);
        }
    }

    /// <summary>Forgets a training that diverged: going on from its state would only diverge again.</summary>
    internal void Clear()
    {
        foreach (var file in Files())
        {
            File.Delete(file);
        }
    }

    void Save(ICheckpointed run, bool isFinished)
    {
        (_batchesSince, _savedAt) = (0, _clock.GetTimestamp());
        var path = Path.Combine(_options.Folder, $"{Prefix}{_nextNumber:D8}{Suffix}");
        var aside = $"{path}.part";
        try
        {
            using (var stream = _create(aside))
            {
                var writer = new CheckpointWriter(stream);
                writer.Number(1, isFinished ? 1 : 0);
                writer.Bytes(2, _identity.ToBytes());
                run.Save(writer);
                writer.End();
                stream.Flush();
                (stream as FileStream)?.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
            _nextNumber++;
            foreach (var old in Files().SkipLast(Kept))
            {
                File.Delete(old);
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Remove(aside);
            if (_failures++ == 0)
            {
                _notice?.Invoke(
                    $"a checkpoint could not be written to '{_options.Folder}' ({cause.Message.TrimEnd('.')}); training goes on, and " +
                    "a later one will be tried");
            }
        }
    }

    /// <summary>Refuses another's unfinished training, and makes room where it was finished.</summary>
    void DropOthers()
    {
        var files = Files();
        _nextNumber = files.Length == 0 ? 0 : NumberOf(files[^1]) + 1;
        foreach (var file in files.Reverse())
        {
            TrainingIdentity? found = null;
            if (!TryRead(file, null, out var isFinished, identity => found = identity))
            {
                continue;
            }

            // The latest whole one tells: those before it are of the same training.
            if (_identity.DifferencesFrom(found!) is not { Length: > 0 } differences) // it was read
            {
                return;
            }

            if (isFinished)
            {
                break;
            }

            throw new CheckpointRefusedException(
                _options.Folder,
                $"they are of another training, which has not ended: {differences}. Finish that one, delete the folder, or name another.");
        }

        if (files.Length > 0 && Files().Length == 0)
        {
            _notice?.Invoke($"no whole checkpoint is left in '{_options.Folder}'; training begins anew");
        }

        Clear();
    }

    /// <param name="restore">Reads the state behind the head; null leaves it unread.</param>
    bool TryRead(string file, Action<CheckpointReader>? restore, out bool isFinished, Action<TrainingIdentity>? found = null)
    {
        isFinished = false;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            var reader = CheckpointReader.Open(stream);
            isFinished = reader.Number(1, 0, 1) == 1;
            var identity = StoredState.FromBytes<TrainingIdentity>(reader.Bytes(2));
            found?.Invoke(identity);
            if (restore is not null)
            {
                Restore(reader, restore, file);
            }

            return true;
        }
        catch (Exception cause) when (cause is CorruptStateException or IOException or UnauthorizedAccessException)
        {
            _notice?.Invoke($"the checkpoint '{Path.GetFileName(file)}' is damaged and passed over ({Problem(cause)})");
            if (cause is CorruptStateException)
            {
                Remove(file);
            }

            return false;
        }
    }

    void Restore(CheckpointReader reader, Action<CheckpointReader> restore, string file)
    {
        try
        {
            restore(reader);
            reader.End();
        }
        catch (CorruptStateException cause)
        {
            // Its bytes are as they were written, and half of the learner has been overwritten by now.
            throw new CheckpointRefusedException(
                _options.Folder, $"'{Path.GetFileName(file)}' is of another learner ({Problem(cause)}). Delete the folder, or name another.", cause);
        }
    }

    static string Problem(Exception cause) => (cause is CorruptStateException corrupt ? corrupt.Problem : cause.Message).TrimEnd('.');

    /// <summary>The whole checkpoints' files, the oldest first.</summary>
    string[] Files() => [.. Directory.EnumerateFiles(_options.Folder, $"{Prefix}*{Suffix}").Where(file => NumberOf(file) >= 0).OrderBy(NumberOf)];

    static long NumberOf(string file) =>
        long.TryParse(Path.GetFileName(file)[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : -1;

    static FileStream Lock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointRefusedException(
                folder, $"another training uses the folder, or it can't be written ({cause.Message.TrimEnd('.')}). Name another.", cause);
        }
    }

    static FileStream CreateFile(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);

    static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // What can't be removed is passed over by the next training, too.
        }
    }
}
