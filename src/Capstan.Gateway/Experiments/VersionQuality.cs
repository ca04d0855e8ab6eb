namespace Capstan.Gateway;

/// <summary>What outcomes say of a version so far.</summary>
/// <param name="Exposures">Requests that it answered since the gateway started.</param>
/// <param name="Outcomes">The outcomes of requests that it answered.</param>
/// <param name="Losses">
/// Log loss of probabilities (outcomes are 0 or 1), squared error of numbers; of requests whose prediction is known.
/// </param>
public readonly record struct VersionQuality(string Version, long Exposures, OutcomeMoments Outcomes, OutcomeMoments Losses);

/// <summary>A version held against the one that had the first outcome.</summary>
/// <param name="Outcome">Of the outcomes themselves; null while there are too few.</param>
/// <param name="OutcomeP">The least p-value of any moment so far.</param>
/// <param name="Loss">Of the losses; null while there are too few.</param>
/// <param name="LossP">The least p-value of any moment so far.</param>
public readonly record struct VersionComparison(
    string Version, SequentialComparison? Outcome, double OutcomeP, SequentialComparison? Loss, double LossP);
