using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// One version of a model in a server: loaded or not, with the limit of its requests and what became of them. Thread-safe.
/// </summary>
/// <remarks>
/// A model is loaded beside those that answer and becomes visible only when it has answered an example. Who holds a
/// <see cref="ModelSlot"/> may finish with it after it has been unloaded; its memory goes with the last of them.
/// </remarks>
sealed class VersionSlot
{
    readonly Lock _gate = new();
    readonly Func<IServedModel>? _read;
    readonly ModelMemory? _memory;
    volatile ModelSlot? _loaded;
    Task<ModelSlot>? _loading;
    long _lastUsed;
    int _inProgress;

    /// <summary>A version that is loaded when it is first needed.</summary>
    /// <param name="read">Reads and verifies the model.</param>
    public VersionSlot(string model, RoutedVersion version, ModelMemory memory, Func<IServedModel> read)
    {
        (Model, Version, Hash, MaxConcurrency) = (model, version.Version, version.Hash, version.MaxConcurrency);
        (Source, _memory, _read) = (version, memory, read);
    }

    /// <summary>A version that is loaded, and stays so.</summary>
    public VersionSlot(ModelSlot loaded)
    {
        (Model, Version, Hash) = (loaded.Model.Name, ServedModels.OnlyVersion, loaded.Model.Version);
        (MaxConcurrency, _loaded) = (int.MaxValue, loaded);
    }

    public string Model { get; }

    public string Version { get; }

    /// <summary>The content hash of the artifact, in hexadecimal.</summary>
    public string Hash { get; }

    public int MaxConcurrency { get; }

    /// <summary>What the table says of it; null where there is no table.</summary>
    public RoutedVersion? Source { get; }

    public VersionCounts Counts { get; } = new();

    public bool IsLoaded => _loaded is not null;

    /// <summary>What is loaded now, if anything.</summary>
    public ModelSlot? Loaded => _loaded;

    /// <summary>When it was last asked, on the clock of <see cref="ModelMemory"/>.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Takes one of the places of requests in progress.</summary>
    /// <returns>False where all are taken.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inProgress) <= MaxConcurrency)
        {
            return true;
        }

        Interlocked.Decrement(ref _inProgress);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inProgress);

    /// <summary>The model, loaded if need be; callers who come while it is being loaded wait for the same load.</summary>
    /// <exception cref="VersionNotReadyException">It can't be loaded; the next call tries again.</exception>
    public ValueTask<ModelSlot> GetAsync()
    {
        if (_memory is { } memory)
        {
            Volatile.Write(ref _lastUsed, memory.Now);
        }

        return _loaded is { } loaded ? new ValueTask<ModelSlot>(loaded) : new ValueTask<ModelSlot>(LoadAsync(isQuiet: false));
    }

    /// <summary>Loads it while no request waits for it, and behind those that are answered meanwhile.</summary>
    /// <exception cref="VersionNotReadyException">It can't be loaded.</exception>
    public Task LoadQuietlyAsync() => LoadAsync(isQuiet: true);

    /// <summary>Whether it is loaded, or can be.</summary>
    public async ValueTask<bool> CanAnswerAsync()
    {
        try
        {
            await GetAsync();
            return true;
        }
        catch (VersionNotReadyException)
        {
            return false;
        }
    }

    /// <summary>Forgets the loaded model; the next request loads it again.</summary>
    public void Unload()
    {
        var loaded = _loaded;
        _loaded = null;
        loaded?.Model.Rest();
    }

    Task<ModelSlot> LoadAsync(bool isQuiet)
    {
        lock (_gate)
        {
            // Only a version without a source lacks the memory, and that is always loaded. A model of another program may take its time to load,
            // in its own process, and must not keep those waiting that are loaded one after the other here; nor must that process stand
            // behind all others for its life, as it would if a quiet thread started it.
            return _loaded is { } loaded ? Task.FromResult(loaded)
                : _loading ??= Source?.Runtime is not null
                    ? Task.Factory.StartNew(Load, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    : isQuiet ? QuietThread.RunAsync(Load) : _memory!.LoadAsync(Load);
        }
    }

    ModelSlot Load()
    {
        try
        {
            var slot = new ModelSlot(_read!()); // Only a version without a source lacks it, and that is always loaded.
            if (slot.Model.Version != Hash)
            {
                throw new VersionNotReadyException(
                    Model, Version, $"its artifact has the hash {slot.Model.Version}, but the table says {Hash}.", null);
            }

            slot.WarmUp();
            lock (_gate)
            {
                (_loaded, _loading) = (slot, null);
            }

            _memory!.Add(this); // Together with _read.
            return slot;
        }
        catch (Exception cause) when (cause is CorruptArtifactException or IOException or UnauthorizedAccessException
            or UnknownRuntimeException or ForeignModelException or ArgumentException or RefusedRequestException or InsufficientMemoryException or OutOfMemoryException)
        {
            throw new VersionNotReadyException(Model, Version, cause.Message, cause);
        }
        finally
        {
            lock (_gate)
            {
                _loading = null;
            }
        }
    }
}

/// <summary>A version can't answer: its artifact is missing, damaged, another one, or too large.</summary>
public sealed class VersionNotReadyException(string model, string version, string reason, Exception? cause) : Exception(
    $"Version '{version}' of model '{model}' is not ready: {reason}", cause)
{
    public string Model { get; } = model;

    public string Version { get; } = version;
}
