using Capstan.Data;
using Capstan.Models;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>
/// What is looked at of a version on trial besides errors and latency, where its settings ask for it: what it predicts against what the
/// others do, and what it is asked against the data that it was trained on. Samples are bounded: the first so many of the trial.
/// Thread-safe.
/// </summary>
/// <param name="artifact">The version's artifact, read when it is first needed.</param>
sealed class CanaryTrial(CanarySettings settings, Func<CancellationToken, Task<ModelArtifact>> artifact)
{
    const int MostPredictions = 5_000;
    const int MostRequests = 2_000;
    const int LargestRequest = 16 << 10;

    readonly Lock _gate = new();
    readonly List<double> _own = [];
    readonly List<double> _others = [];
    readonly List<byte[]> _requests = [];
    int _requestsKept;
    LiveInputs? _inputs;

    public CanarySettings Settings { get; } = settings;

    /// <summary>Takes an answer into the samples.</summary>
    /// <param name="prediction">Of a request with one instance and one number; null of others.</param>
    /// <param name="body">The request's body, called for only where it is kept; null where there is none.</param>
    public void Add(string version, double? prediction, Func<byte[]?> body)
    {
        var isOwn = version == Settings.Version;
        lock (_gate)
        {
            var predictions = isOwn ? _own : _others;
            if (Settings.MaxPredictionShift is not null && prediction is { } number && predictions.Count < MostPredictions)
            {
                predictions.Add(number);
            }

            if (Settings.MaxInputSkew is null || !isOwn || _requestsKept >= MostRequests)
            {
                return;
            }

            if (body() is { Length: <= LargestRequest } kept)
            {
                _requests.Add(kept);
                _requestsKept++;
            }
        }
    }

    /// <returns>Why the version should lose its share; null where there is no reason.</returns>
    public async Task<string?> JudgeAsync(CancellationToken cancellationToken) =>
        JudgePredictions() ?? await JudgeInputsAsync(cancellationToken);

    string? JudgePredictions()
    {
        if (Settings.MaxPredictionShift is not { } most)
        {
            return null;
        }

        double[] own, others;
        lock (_gate)
        {
            (own, others) = ([.. _own], [.. _others]);
        }

        return Math.Min(own.Length, others.Length) < Settings.MinRequests ? null
            : PredictionShift.Between(own, others) is var shift && shift.Value > most + shift.ByChance
                ? $"version {Settings.Version} predicts otherwise than the others: the distributions of {own.Length:N0} and {others.Length:N0} predictions " +
                    $"are {shift.Value:0.###} apart (Kolmogorov–Smirnov); {most} is allowed, and chance explains {shift.ByChance:0.###}"
                : null;
    }

    /// <summary>Only the gateway's one look at a time calls this.</summary>
    async Task<string?> JudgeInputsAsync(CancellationToken cancellationToken)
    {
        byte[][] requests;
        lock (_gate)
        {
            requests = [.. _requests];
            _requests.Clear();
        }

        if (requests.Length == 0)
        {
            return null;
        }

        _inputs ??= new LiveInputs(await artifact(cancellationToken));
        foreach (var request in requests)
        {
            _inputs.Observe(request);
        }

        return _inputs.Rows < Settings.MinRequests ? null
            : _inputs.Skewed(Settings.MaxInputSkew!.Value) is { } skew // Without it, no request was kept.
                ? $"version {Settings.Version} is asked other than what it was trained on: {skew}"
                : null;
    }
}
