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

    readonly Lock _gate = new();
    readonly Dictionary<string, CachedModel> _models = [];
    long _clock;

    /// <summary>A copy to be looked at, not to predict with: it has no process.</summary>
    /// <param name="artifactHash">Of the copy.</param>
    /// <exception cref="DamagedArtifactException">The copy is not what it was.</exception>
    /// <exception cref="CorruptArtifactException">It is no model.</exception>
    /// <exception cref="ForeignModelException">It is a model of another program, which can't be run.</exception>
    public Task<ModelArtifact> ReadAsync(string artifactHash, CancellationToken cancellationToken) =>
        ReadAsync(artifactHash, ArtifactCheck.Read, cancellationToken);

    /// <summary>What answers for a copy; loaded once, however many ask at the same time.</summary>
    /// <returns>To be disposed of when it has answered.</returns>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    public async Task<ModelUse> UseAsync(string artifactHash, string modelId, CancellationToken cancellationToken)
    {
        var (key, model) = ($"{modelId}@{artifactHash}", Enter(artifactHash, modelId));
        try
        {
            var scoring = await model.Loading.Value.WaitAsync(cancellationToken);
            Trim();
            return new ModelUse(model, scoring);
        }
        catch (Exception failure)
        {
            model.Leave();
            if (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // A store that was away must not be remembered as a broken model.
                Forget(key, model);
            }

            throw;
        }
    }

    CachedModel Enter(string artifactHash, string modelId)
    {
        var key = $"{modelId}@{artifactHash}";
        lock (_gate)
        {
            if (!_models.TryGetValue(key, out var model))
            {
                _models[key] = model = new CachedModel(async () => new ModelScoring(
                    new ArtifactModel(modelId, await ReadAsync(artifactHash, ArtifactFolder.ReadToPredict, CancellationToken.None))));
            }

            model.Enter(++_clock);
            return model;
        }
    }

    void Forget(string key, CachedModel model)
    {
        lock (_gate)
        {
            if (_models.GetValueOrDefault(key) == model)
            {
                _models.Remove(key);
            }
        }

        model.Evict();
    }

    void Trim()
    {
        while (true)
        {
            KeyValuePair<string, CachedModel> oldest;
            lock (_gate)
            {
                if (_models.Count <= MostModels)
                {
                    return;
                }

                oldest = _models.MinBy(model => model.Value.LastUse);
            }

            Forget(oldest.Key, oldest.Value);
        }
    }

    async Task<ModelArtifact> ReadAsync(string artifactHash, Func<string, ModelArtifact> read, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(engine.Options.DataFolder, "loading", Guid.NewGuid().ToString("N"));
        try
        {
            await engine.Copies.MaterializeAsync(artifactHash, folder, cancellationToken);
            return read(folder);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
