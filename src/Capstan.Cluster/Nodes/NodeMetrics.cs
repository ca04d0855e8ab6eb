using System.Diagnostics.Metrics;

namespace Capstan.Cluster;

/// <summary>What a node counts, as OpenTelemetry instruments of the meter <c>Capstan.Cluster</c>.</summary>
sealed class NodeMetrics : IDisposable
{
    public const string MeterName = "Capstan.Cluster";

    readonly Meter _meter = new(MeterName);
    readonly Counter<long> _refused;

    public NodeMetrics() => _refused = _meter.CreateCounter<long>(
        "capstan.node.connections.refused", "{connection}", "Connections whose peer did not hold the cluster's token.");

    public long RefusedConnections { get; private set; }

    public void Refused()
    {
        _refused.Add(1);
        RefusedConnections++;
    }

    public void Dispose() => _meter.Dispose();
}
