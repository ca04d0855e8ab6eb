using System.Globalization;

namespace Capstan.Gateway;

/// <summary>
/// Joins outcomes with the versions that answered, and compares the versions. What was joined is kept in a store and taken up from
/// there, also what other gateways joined. Thread-safe.
/// </summary>
sealed class Experiment(string model, IExperimentStore store, TimeProvider time)
{
    public const double Confidence = 0.95;

    const int MostExposures = 200_000;
    const double LeastProbability = 1e-7;

    readonly Lock _gate = new();
    readonly SemaphoreSlim _takingUp = new(1);
    readonly ExposureLog _log = new(MostExposures);
    readonly Dictionary<string, VersionQuality> _versions = new(StringComparer.Ordinal);
    readonly Dictionary<string, (double Outcome, double Loss)> _leastP = new(StringComparer.Ordinal);
    long _takenUp;
    string? _baseline;

    /// <summary>How many requests each version answered since the gateway started.</summary>
    public IReadOnlyList<ExposureCount> OwnExposures
    {
        get
        {
            lock (_gate)
            {
                return [.. _versions.Values.Where(each => each.Exposures > 0).Select(each => new ExposureCount(model, each.Version, each.Exposures))];
            }
        }
    }

    /// <param name="request">The request's id.</param>
    /// <param name="key">The hash of the caller's key; null where it has none.</param>
    public void Expose(string request, string? key, Exposure exposure)
    {
        lock (_gate)
        {
            _log.Add($"r:{request}", exposure);
            if (key is not null)
            {
                _log.Add($"k:{key}", exposure);
            }

            var quality = QualityOf(exposure.Version);
            _versions[exposure.Version] = quality with { Exposures = quality.Exposures + 1 };
        }
    }

    /// <summary>Joins an outcome with the answer to a request, or with the latest answer to a key, here or at another gateway.</summary>
    /// <returns>The version that it counts for; null where no such answer is known any more.</returns>
    /// <exception cref="RouteRefusedException">The answer has its outcome already.</exception>
    public async Task<string?> RecordAsync(string? request, string? key, double outcome, CancellationToken cancellationToken)
    {
        var question = new OutcomeQuestion(model, request, key, outcome);
        OutcomeVerdict? verdict;
        if (Take(question) is { } own)
        {
            await KeepAsync(own, cancellationToken);
            verdict = new OutcomeVerdict(own.Outcome.Version, own.IsFirst);
        }
        else
        {
            verdict = await store.AskAsync(question, cancellationToken);
        }

        return verdict is { IsFirst: false } ? throw RouteProblems.OutcomeKnown(request ?? "the key's latest") : verdict?.Version;
    }

    /// <summary>Finds the answer that an outcome belongs to, and lets it have that outcome.</summary>
    /// <returns>Null: this gateway knows no such answer.</returns>
    public FoundAnswer? Take(OutcomeQuestion question)
    {
        lock (_gate)
        {
            if ((question.Request is not null ? _log.Find($"r:{question.Request}") : _log.Find($"k:{question.Key}")) is not { } exposure)
            {
                return null;
            }

            var joined = new JoinedOutcome(time.GetUtcNow(), exposure.Version, question.Outcome, exposure.Prediction, exposure.IsProbability);
            return new FoundAnswer(joined, exposure.TryJoin(), () =>
            {
                lock (_gate)
                {
                    exposure.Leave();
                }
            });
        }
    }

    /// <summary>The versions, the one that the others are compared with first.</summary>
    public async Task<(IReadOnlyList<VersionQuality> Versions, IReadOnlyList<VersionComparison> Comparisons)> CompareAsync(
        CancellationToken cancellationToken)
    {
        await TakeUpAsync(cancellationToken);
        var others = (await store.OthersAsync(model, cancellationToken)).ToLookup(each => each.Version, each => each.Count);
        lock (_gate)
        {
            VersionQuality[] versions =
            [
                .. _versions.Keys.Union(others.Select(each => each.Key)).Select(QualityOf)
                    .Select(each => each with { Exposures = each.Exposures + others[each.Version].Sum() })
                    .OrderByDescending(each => each.Version == _baseline).ThenBy(each => each.Version, StringComparer.Ordinal),
            ];
            return (versions, [.. versions.Where(each => _baseline is not null && each.Version != _baseline).Select(ComparisonOf)]);
        }
    }

    async Task KeepAsync(FoundAnswer found, CancellationToken cancellationToken)
    {
        if (!found.IsFirst)
        {
            return;
        }

        try
        {
            await store.AddAsync(model, found.Outcome, cancellationToken);
        }
        catch
        {
            found.GiveBack();
            throw;
        }
    }

    async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        await _takingUp.WaitAsync(cancellationToken);
        try
        {
            var found = await store.ReadAsync(model, _takenUp, cancellationToken);
            lock (_gate)
            {
                foreach (var (position, outcome) in found)
                {
                    Take(outcome);
                    _takenUp = position;
                }
            }
        }
        finally
        {
            _takingUp.Release();
        }
    }

    void Take(JoinedOutcome joined)
    {
        _baseline ??= joined.Version;
        var quality = QualityOf(joined.Version);
        _versions[joined.Version] = quality with
        {
            Outcomes = quality.Outcomes.With(joined.Outcome),
            Losses = LossOf(joined) is { } loss ? quality.Losses.With(loss) : quality.Losses,
        };
        foreach (var version in joined.Version == _baseline ? [.. _versions.Keys] : new[] { joined.Version })
        {
            var comparison = ComparisonOf(QualityOf(version));
            _leastP[version] = (comparison.OutcomeP, comparison.LossP);
        }
    }

    VersionComparison ComparisonOf(VersionQuality quality)
    {
        var baseline = QualityOf(_baseline!); // There is one with the first outcome.
        var (outcomeP, lossP) = _leastP.TryGetValue(quality.Version, out var least) ? least : (1, 1);
        var outcome = SequentialTest.Compare(baseline.Outcomes, quality.Outcomes, Confidence);
        var loss = SequentialTest.Compare(baseline.Losses, quality.Losses, Confidence);
        return new VersionComparison(
            quality.Version, outcome, Math.Min(outcomeP, outcome?.P ?? 1), loss, Math.Min(lossP, loss?.P ?? 1));
    }

    VersionQuality QualityOf(string version) => _versions.TryGetValue(version, out var known) ? known : new VersionQuality(version, 0, default, default);

    static double? LossOf(JoinedOutcome joined)
    {
        if (joined.Prediction is not { } prediction)
        {
            return null;
        }

        if (!joined.IsProbability)
        {
            return (prediction - joined.Outcome) * (prediction - joined.Outcome);
        }

        var probability = Math.Clamp(prediction, LeastProbability, 1 - LeastProbability);
        return -(joined.Outcome * Math.Log(probability) + (1 - joined.Outcome) * Math.Log(1 - probability));
    }

    /// <summary>A prediction as replicas write it into a header.</summary>
    public static double? PredictionOf(string? header) =>
        double.TryParse(header, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
