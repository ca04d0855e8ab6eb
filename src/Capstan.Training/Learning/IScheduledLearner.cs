namespace Capstan.Training;

/// <summary>
/// A learner whose rate follows a schedule over the whole training: it is told the length before the first batch.
/// </summary>
public interface IScheduledLearner : ILearner
{
    /// <param name="totalSteps">The number of batches to come if training is not stopped early, at least 1.</param>
    void Plan(long totalSteps);
}
