using Capstan.Models;

namespace Capstan.Training;

/// <summary>A learner that can begin at given parameters in place of its own start; what its optimizer remembers is new.</summary>
public interface IWarmStartLearner : ILearner
{
    /// <summary>Takes up parameters before the first batch: <see cref="ILearner.Freeze"/> then gives a predictor of the same bits.</summary>
    /// <exception cref="ArgumentException">The predictor is of another family, another shape or other features.</exception>
    void StartAt(IPredictor start);
}
