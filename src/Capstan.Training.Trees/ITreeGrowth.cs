namespace Capstan.Training.Trees;

/// <summary>Grows the trees of a run, one after another: here, or by others.</summary>
interface ITreeGrowth : IDisposable
{
    /// <summary>Grows one tree more for every score.</summary>
    /// <returns>Its losses; null if there was nothing to split.</returns>
    EpochResult? Grow();

    /// <summary>Goes on with another booster, which draws rows and features by a seed of its own.</summary>
    void ChangeBooster(CancellationToken cancellationToken);
}
