using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Gateway;

/// <summary>An outcome with the answer that it belongs to: a line of the file that an experiment keeps.</summary>
sealed record JoinedOutcome(DateTimeOffset At, string Version, double Outcome, double? Prediction, bool IsProbability);

/// <summary>
/// Joins outcomes with the versions that answered, and compares the versions. What was joined is kept in a file, one JSON object a line,
/// and taken up again at the next start. Thread-safe.
/// </summary>
sealed class Experiment
{
    public const double Confidence = 0.95;

    const int MostExposures = 200_000;
    const double LeastProbability = 1e-7;

    readonly Lock _gate = new();
    readonly ExposureLog _log = new(MostExposures);
    readonly Dictionary<string, VersionQuality> _versions = new(StringComparer.Ordinal);
    readonly Dictionary<string, (double Outcome, double Loss)> _leastP = new(StringComparer.Ordinal);
    readonly string _file;
    readonly TimeProvider _time;
    string? _baseline;

    public Experiment(string file, TimeProvider time)
    {
        (_file, _time) = (file, time);
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, OutcomeJson.Default.JoinedOutcome) is { } joined)
            {
                Take(joined);
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

    /// <summary>Joins an outcome with the answer to a request, or with the latest answer to a key.</summary>
    /// <returns>The version that it counts for; null where no such answer is known any more.</returns>
    /// <exception cref="RouteRefusedException">The answer has its outcome already.</exception>
    public string? Record(string? request, string? key, double outcome)
    {
        lock (_gate)
        {
            var exposure = request is not null ? _log.Find($"r:{request}") : _log.Find($"k:{key}");
            if (exposure is null)
            {
                return null;
            }

            if (!exposure.TryJoin())
            {
                throw RouteProblems.OutcomeKnown(request ?? "the key's latest");
            }

            var joined = new JoinedOutcome(_time.GetUtcNow(), exposure.Version, outcome, exposure.Prediction, exposure.IsProbability);
            File.AppendAllText(_file, JsonSerializer.Serialize(joined, OutcomeJson.Default.JoinedOutcome) + "\n");
            Take(joined);
            return exposure.Version;
        }
    }

    /// <summary>The versions, the one that the others are compared with first.</summary>
    public (IReadOnlyList<VersionQuality> Versions, IReadOnlyList<VersionComparison> Comparisons) Compare()
    {
        lock (_gate)
        {
            VersionQuality[] versions =
            [
                .. _versions.Values.OrderByDescending(each => each.Version == _baseline).ThenBy(each => each.Version, StringComparer.Ordinal),
            ];
            return (versions, [.. versions.Where(each => _baseline is not null && each.Version != _baseline).Select(ComparisonOf)]);
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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JoinedOutcome))]
sealed partial class OutcomeJson : JsonSerializerContext;
