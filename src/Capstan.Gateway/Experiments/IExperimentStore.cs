namespace Capstan.Gateway;

/// <summary>
/// Where joined outcomes are kept, and how gateways that share routes share what they know of answers: each remembers its own, so an
/// outcome that comes to another one is asked about.
/// </summary>
public interface IExperimentStore
{
    Task AddAsync(string model, JoinedOutcome outcome, CancellationToken cancellationToken);

    /// <summary>The outcomes of a model in the order in which all gateways meet them, so that all come to the same figures.</summary>
    /// <param name="after">The position of the last one known; 0 for all.</param>
    Task<IReadOnlyList<(long Position, JoinedOutcome Outcome)>> ReadAsync(string model, long after, CancellationToken cancellationToken);

    /// <summary>Asks the other gateways whose answer an outcome belongs to; who knows it keeps the outcome.</summary>
    /// <returns>Null: nobody knows, or there is nobody to ask.</returns>
    Task<OutcomeVerdict?> AskAsync(OutcomeQuestion question, CancellationToken cancellationToken);

    /// <summary>Answers what others ask, as far as this gateway can, and keeps the outcomes that it finds answers for.</summary>
    Task AnswerAsync(Func<OutcomeQuestion, FoundAnswer?> find, CancellationToken cancellationToken);

    /// <summary>Tells the others what this gateway's versions have answered since it started. Called often; writes rarely.</summary>
    Task TellAsync(IReadOnlyList<ExposureCount> own, CancellationToken cancellationToken);

    /// <summary>What the others told of a model.</summary>
    Task<IReadOnlyList<ExposureCount>> OthersAsync(string model, CancellationToken cancellationToken);
}
