using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>Where trees come from that others grow. Used by one thread.</summary>
interface ITreeSupply
{
    /// <summary>Has trees grown that go on from these.</summary>
    /// <param name="grown">How many of them, for each score, this training has grown.</param>
    void Begin(BoostedTreesPredictor trees, int grown);

    /// <summary>The next one, for every score; waits for it.</summary>
    /// <returns>Null: there is nothing to split any more.</returns>
    TreeEnsemble? Next(CancellationToken cancellationToken);
}
