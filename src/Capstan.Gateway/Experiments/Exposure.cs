namespace Capstan.Gateway;

/// <summary>That a version answered a request.</summary>
/// <param name="version">Who answered.</param>
/// <param name="prediction">What it predicted, of a request with one instance and one number; null for others.</param>
/// <param name="isProbability">Whether the prediction is the probability of the positive class.</param>
public sealed class Exposure(string version, double? prediction, bool isProbability)
{
    bool _joined;

    public string Version { get; } = version;

    public double? Prediction { get; } = prediction;

    public bool IsProbability { get; } = isProbability;

    /// <summary>Takes the one outcome that an exposure may have.</summary>
    /// <returns>False where it has one already. Under its log's lock.</returns>
    internal bool TryJoin()
    {
        var first = !_joined;
        _joined = true;
        return first;
    }

    /// <summary>Lets it have another outcome, since the one that it took could not be kept. Under its log's lock.</summary>
    internal void Leave() => _joined = false;
}

/// <summary>
/// The latest exposures, by request and by the key that callers stick by; when there are too many, the oldest go. Not thread-safe.
/// </summary>
sealed class ExposureLog(int most)
{
    readonly Dictionary<string, Exposure> _known = new(StringComparer.Ordinal);
    readonly Queue<(string Name, Exposure Exposure)> _order = new();

    public void Add(string name, Exposure exposure)
    {
        _known[name] = exposure;
        _order.Enqueue((name, exposure));
        while (_order.Count > most)
        {
            var (oldest, old) = _order.Dequeue();
            if (ReferenceEquals(_known.GetValueOrDefault(oldest), old))
            {
                _known.Remove(oldest);
            }
        }
    }

    public Exposure? Find(string name) => _known.GetValueOrDefault(name);
}
