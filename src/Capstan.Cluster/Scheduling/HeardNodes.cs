namespace Capstan.Cluster;

/// <summary>
/// The nodes that report, and how long each has been silent. What passes while nobody listens is no silence: a scheduler that was kept from running,
/// by a busy machine or by a database that did not answer, would otherwise take all nodes for dead at once. Single-threaded.
/// </summary>
/// <param name="beat">About how often <see cref="Listen"/> is called.</param>
sealed class HeardNodes(TimeProvider clock, TimeSpan beat)
{
    // A listener that is late by less has missed nothing to speak of.
    const int BeatsLate = 4;

    readonly Dictionary<string, (NodeReport Report, long Heard)> _nodes = new(StringComparer.Ordinal);
    long? _listened;

    public int Count => _nodes.Count;

    public IEnumerable<NodeReport> Reports => _nodes.Values.Select(node => node.Report);

    public NodeReport? Find(string name) => _nodes.TryGetValue(name, out var node) ? node.Report : null;

    /// <returns>Whether it had not been there.</returns>
    public bool Hear(NodeReport report)
    {
        var isNew = !_nodes.ContainsKey(report.Name);
        _nodes[report.Name] = (report, clock.GetTimestamp());
        return isNew;
    }

    /// <returns>Whether it had been there.</returns>
    public bool Forget(string name) => _nodes.Remove(name);

    /// <summary>Says that somebody listens, as is said with every beat.</summary>
    public void Listen()
    {
        var now = clock.GetTimestamp();
        if (_listened is { } before && clock.GetElapsedTime(before, now) is var pause && pause > BeatsLate * beat)
        {
            foreach (var (name, (report, heard)) in _nodes.ToArray())
            {
                _nodes[name] = (report, Math.Min(now, heard + (now - before)));
            }
        }

        _listened = now;
    }

    public TimeSpan SilenceOf(string name) => clock.GetElapsedTime(_nodes[name].Heard);
}
