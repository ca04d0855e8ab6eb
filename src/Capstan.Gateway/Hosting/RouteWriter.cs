using System.Buffers;
using System.Text.Json;
using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>Describes routes to people and programs: who answers what, how many replicas there are and why, and what they did.</summary>
static class RouteWriter
{
    public static byte[] WriteAll(FleetDocument document, Func<string, bool> isVisible, Func<string, ModelDesk?> models) => ToBytes(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("generation"u8, document.Table.Generation);
        json.WriteStartArray("routes"u8);
        foreach (var route in document.Table.Models.Where(route => isVisible(route.Model)).OrderBy(route => route.Model, StringComparer.Ordinal))
        {
            Write(json, route, document.FleetOf(route.Model), models(route.Model));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>One model's route; of a model without one, only its name.</summary>
    public static byte[] Write(FleetDocument document, string model, Func<string, ModelDesk?> models) => ToBytes(json => Write(
        json, document.Table.Find(model) ?? new ModelRoute(model, [], [], null), document.FleetOf(model), models(model)));

    static void Write(Utf8JsonWriter json, ModelRoute route, ModelFleet fleet, ModelDesk? desk)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, route.Model);
        WriteVersions(json, route, desk?.Traffic.Snapshot() ?? []);
        json.WriteStartObject("labels"u8);
        foreach (var label in route.Labels)
        {
            json.WriteString(label.Label, label.Version);
        }

        json.WriteEndObject();
        if (route.Split.Sticky is { } sticky)
        {
            json.WriteString("sticky"u8, sticky);
        }

        if (fleet.Canary is { } canary)
        {
            json.WritePropertyName("canary"u8);
            JsonSerializer.Serialize(json, canary, FleetJson.Default.CanarySettings);
        }

        if (desk?.LastRollback is { } reason)
        {
            json.WriteString("lastRollback"u8, reason);
        }

        json.WritePropertyName("scaling"u8);
        JsonSerializer.Serialize(json, fleet.Scaling, FleetJson.Default.ScaleSettings);
        if (desk is not null)
        {
            WriteReplicas(json, desk.Group.State);
        }

        json.WriteEndObject();
    }

    static void WriteVersions(Utf8JsonWriter json, ModelRoute route, IReadOnlyList<VersionTraffic> traffic)
    {
        json.WriteStartArray("versions"u8);
        foreach (var version in route.Versions)
        {
            json.WriteStartObject();
            json.WriteString("version"u8, version.Version);
            json.WriteString("hash"u8, version.Hash);
            json.WriteNumber("perMille"u8, route.Split.Shares.FirstOrDefault(share => share.Version == version.Version).PerMille);
            json.WriteBoolean("shadow"u8, route.Split.Shadows.Contains(version.Version));
            var seen = traffic.FirstOrDefault(each => each.Version == version.Version);
            json.WriteNumber("requests"u8, seen?.Requests ?? 0);
            json.WriteNumber("failures"u8, seen?.Failures ?? 0);
            if (seen is not null)
            {
                json.WriteNumber("p50Milliseconds"u8, Math.Round(seen.Latencies.Quantile(0.5).TotalMilliseconds, 3));
                json.WriteNumber("p99Milliseconds"u8, Math.Round(seen.Latencies.Quantile(0.99).TotalMilliseconds, 3));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteReplicas(Utf8JsonWriter json, GroupState state)
    {
        json.WriteStartObject("replicas"u8);
        json.WriteNumber("ready"u8, state.Ready);
        json.WriteNumber("starting"u8, state.Starting);
        json.WriteNumber("draining"u8, state.Draining);
        json.WriteNumber("wanted"u8, state.Wanted);
        json.WriteString("reason"u8, state.Reason);
        json.WriteNumber("inProgress"u8, state.InProgress);
        json.WriteNumber("held"u8, state.Held);
        json.WriteNumber("exits"u8, state.Exits);
        if (state.Problem is { } problem)
        {
            json.WriteString("problem"u8, problem);
        }

        json.WriteStartArray("addresses"u8);
        foreach (var address in state.Addresses)
        {
            json.WriteStringValue(address.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ResponseJson.Options))
        {
            write(json);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
