using Capstan.Serving;

namespace Capstan.Service;

/// <summary>
/// A model that is kept, being loaded or loaded, and who uses it: what it holds beside memory, as a model of another program does, ends when
/// nobody keeps it and nobody uses it any more. Thread-safe.
/// </summary>
sealed class CachedModel
{
    readonly Lock _gate = new();
    ModelScoring? _loaded;
    int _users;
    bool _isEvicted;

    public CachedModel(Func<Task<ModelScoring>> load) => Loading = new(() => LoadAsync(load));

    public Lazy<Task<ModelScoring>> Loading { get; }

    public long LastUse { get; private set; }

    /// <summary>Whoever enters leaves.</summary>
    public void Enter(long now)
    {
        lock (_gate)
        {
            (_users, LastUse) = (_users + 1, now);
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _users--;
        }

        RestIfOver();
    }

    /// <summary>It is kept no longer; calling it twice is no harm.</summary>
    public void Evict()
    {
        lock (_gate)
        {
            _isEvicted = true;
        }

        RestIfOver();
    }

    async Task<ModelScoring> LoadAsync(Func<Task<ModelScoring>> load)
    {
        var scoring = await load();
        lock (_gate)
        {
            _loaded = scoring;
        }

        // All who waited for it may have gone.
        RestIfOver();
        return scoring;
    }

    void RestIfOver()
    {
        ModelScoring? over;
        lock (_gate)
        {
            over = _isEvicted && _users == 0 ? _loaded : null;
        }

        over?.Model.Rest();
    }
}

/// <summary>A model in use, until it is disposed of.</summary>
readonly struct ModelUse(CachedModel model, ModelScoring scoring) : IDisposable
{
    public ModelScoring Scoring { get; } = scoring;

    public void Dispose() => model.Leave();
}
