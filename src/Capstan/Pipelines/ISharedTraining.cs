using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>Takes the steps of a learner somewhere else than in this process.</summary>
interface ISharedTraining
{
    /// <param name="train">The rows that every member has, in the same order.</param>
    Task<TrainingResult> RunAsync(
        SharedTask task, FeatureStore train, FeatureStore? validation, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken);
}

/// <summary>What such a training is, besides its rows.</summary>
/// <param name="Start">What learning begins at; null for the seed's own beginning.</param>
sealed record SharedTask(
    Loss Loss, FeatureLayout Features, LearnerDefinition Learner, TrainingOptions Training, IPredictor? Start);
