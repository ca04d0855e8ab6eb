using System.Collections.Concurrent;
using Capstan.Models;
using Capstan.Registry;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>
/// The models that predictions need, read from the stored copies and nothing else: every byte is hashed on the way, and the
/// model's golden rows are replayed. The models asked for last stay in memory. Thread-safe.
/// </summary>
sealed class ModelCache(Engine engine)
{
    const int MostModels = 32;

    readonly ConcurrentDictionary<string, Entry> _models = new();
    long _clock;

    /// <param name="artifactHash">Of the copy.</param>
    /// <exception cref="DamagedArtifactException">The copy is not what it was.</exception>
    /// <exception cref="CorruptArtifactException">It is no model.</exception>
    public async Task<ModelArtifact> LoadAsync(string artifactHash, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(engine.Options.DataFolder, "loading", Guid.NewGuid().ToString("N"));
        try
        {
            await engine.Copies.MaterializeAsync(artifactHash, folder, cancellationToken);
            return ArtifactFolder.Read(folder);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>What answers for a copy; loaded once, however many ask at the same time.</summary>
    public async Task<ModelScoring> ScoringAsync(string artifactHash, string modelId, CancellationToken cancellationToken)
    {
        var key = $"{modelId}@{artifactHash}";
        var entry = _models.GetOrAdd(key, _ => new Entry(new Lazy<Task<ModelScoring>>(
            async () => new ModelScoring(new ArtifactModel(modelId, await LoadAsync(artifactHash, CancellationToken.None))))));
        entry.LastUse = Interlocked.Increment(ref _clock);
        try
        {
            var scoring = await entry.Scoring.Value.WaitAsync(cancellationToken);
            Trim();
            return scoring;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A store that was away must not be remembered as a broken model.
            _models.TryRemove(KeyValuePair.Create(key, entry));
            throw;
        }
    }

    void Trim()
    {
        while (_models.Count > MostModels)
        {
            _models.TryRemove(_models.MinBy(model => model.Value.LastUse));
        }
    }

    sealed class Entry(Lazy<Task<ModelScoring>> scoring)
    {
        public Lazy<Task<ModelScoring>> Scoring { get; } = scoring;

        public long LastUse { get; set; }
    }
}
