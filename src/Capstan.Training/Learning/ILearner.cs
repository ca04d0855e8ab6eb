using Capstan.Models;

namespace Capstan.Training;

/// <summary>
/// A model while it learns: mutable parameters and optimizer state, fed batch after batch by the training loop. The same
/// batches in the same order give the same bits, on every machine. Not thread-safe.
/// </summary>
public interface ILearner
{
    /// <summary>What is made small, and with it what labels have to be.</summary>
    Loss Loss { get; }

    /// <summary>The rate of the latest step, where all parameters share one; null where each has its own.</summary>
    double? LearningRate => null;

    /// <summary>Learns from one batch.</summary>
    /// <returns>
    /// The sum over rows of weight × loss, computed with the parameters that each row met before it was learned from.
    /// </returns>
    double Learn(TrainingBatch batch);

    /// <summary>A copy of the parameters as they are now, ready to predict.</summary>
    IPredictor Freeze();
}
