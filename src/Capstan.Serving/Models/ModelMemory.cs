namespace Capstan.Serving;

/// <summary>
/// Keeps the loaded models within a limit: when one comes that does not fit, those that were asked least recently go. A model
/// counts with three times the bytes of its artifact's files, which leaves room for what reading one leaves behind; one of another program with its
/// process besides. Thread-safe.
/// </summary>
/// <param name="limitBytes">The one that came last stays, even where it alone is larger.</param>
sealed class ModelMemory(long limitBytes, TimeProvider time)
{
    const long MemoryOfFileByte = 3;
    const long MemoryOfProcess = 100 << 20;
    const long LeastToGiveBack = 16 << 20;

    readonly Lock _gate = new();
    readonly Dictionary<VersionSlot, long> _loaded = [];
    long _bytes;
    long _unloads;
    long _read;
    Task _lastLoad = Task.CompletedTask;

    public long LimitBytes { get; } = limitBytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many models had to go.</summary>
    public long Unloads => Interlocked.Read(ref _unloads);

    public long Now => time.GetTimestamp();

    /// <summary>Whether an artifact of so many bytes fits without another one having to go.</summary>
    public bool HasRoomFor(long bytes) => Bytes + bytes <= LimitBytes;

    /// <summary>
    /// Loads a model for requests that wait for it, when those before it are loaded: one at a time, so that loading never takes more than one processor
    /// from other requests.
    /// </summary>
    public Task<ModelSlot> LoadAsync(Func<ModelSlot> load)
    {
        lock (_gate)
        {
            // Whatever became of the one before; the pool's threads, because the caller may be Kestrel's own.
            var loading = _lastLoad.ContinueWith(
                _ => load(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            _lastLoad = loading;
            return loading;
        }
    }

    public void Add(VersionSlot slot)
    {
        lock (_gate)
        {
            Forget(slot);
            var bytes = BytesOf(slot.Source);
            _loaded.Add(slot, bytes);
            _bytes += bytes;
            _read += bytes;
            while (_bytes > LimitBytes && _loaded.Count > 1)
            {
                var oldest = _loaded.Keys.Where(each => each != slot).MinBy(each => each.LastUsed)!; // There is another one.
                oldest.Unload();
                Forget(oldest);
                _unloads++;
            }

            GiveBack();
        }
    }

    /// <summary>
    /// Models that went are large arrays, which the collector looks at only when memory is short by its own measure; so it is told to. It looks beside the
    /// requests: one that stopped them took longer than the load that caused it, and a model takes so much less than it counts with that the
    /// few that come meanwhile have room.
    /// </summary>
    void GiveBack()
    {
        if (_read >= Math.Max(LeastToGiveBack, LimitBytes / 8))
        {
            _read = 0;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false, compacting: false);
        }
    }

    /// <summary>Unloads a version that no table names any more.</summary>
    public void Drop(VersionSlot slot)
    {
        lock (_gate)
        {
            slot.Unload();
            Forget(slot);
        }
    }

    /// <summary>What a version takes in memory, by its artifact's files; 0 where they can't be seen, which whoever reads them will say.</summary>
    public static long BytesOf(RoutedVersion? version) => version is not null && Directory.Exists(version.Artifact)
        ? new DirectoryInfo(version.Artifact).EnumerateFiles().Sum(file => file.Length) * MemoryOfFileByte + (version.Runtime is null ? 0 : MemoryOfProcess)
        : 0;

    void Forget(VersionSlot slot)
    {
        if (_loaded.Remove(slot, out var bytes))
        {
            _bytes -= bytes;
        }
    }
}
