using System.Text.Json;

namespace Capstan.Serving;

/// <summary>The members by which clients of TensorFlow Serving (each version's state) and of KServe (ready or not) look.</summary>
static class StatusWriter
{
    public static void WriteMembers(Utf8JsonWriter json, IEnumerable<VersionSlot> versions)
    {
        json.WriteBoolean("ready"u8, true);
        json.WriteStartArray("model_version_status"u8);
        foreach (var version in versions)
        {
            json.WriteStartObject();
            json.WriteString("version"u8, version.Version);
            json.WriteString("state"u8, version.IsLoaded ? "AVAILABLE"u8 : "START"u8);
            json.WriteStartObject("status"u8);
            json.WriteString("error_code"u8, "OK"u8);
            json.WriteString("error_message"u8, ""u8);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
