using Capstan.Features;
using Capstan.Models;
using Capstan.Training;

namespace Capstan;

/// <summary>Takes the steps of a network somewhere else than in this process.</summary>
interface INetworkTraining
{
    /// <param name="train">The rows that every member has, in the same order.</param>
    Task<TrainingResult> RunAsync(
        NetworkTask task, FeatureStore train, FeatureStore? validation, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken);
}

/// <summary>What a network's training is, besides its rows.</summary>
/// <param name="Start">What learning begins at; null for the seed's own beginning.</param>
sealed record NetworkTask(
    Loss Loss, FeatureLayout Features, DnnOptions Network, LabelScaling Scaling, TrainingOptions Training, IPredictor? Start);
