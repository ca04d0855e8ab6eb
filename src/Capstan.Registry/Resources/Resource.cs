using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Capstan.Registry;

/// <summary>Something that has a name: a model, a version, a job, an operation, a study, …</summary>
/// <param name="Name">The whole name: <c>projects/p/models/m/versions/v</c>.</param>
/// <param name="Kind">The collection's name in the singular: <c>model</c>.</param>
/// <param name="Parent">The name of what it belongs to: <c>projects/p/models/m</c>.</param>
/// <param name="State">Its state where the kind has states, otherwise empty; kept apart from the body to search by it.</param>
/// <param name="Body">The rest as JSON. Each caller gets one of its own and may change it.</param>
public sealed record Resource(string Name, string Kind, string Parent, string State, JsonObject Body)
{
    /// <summary>The order of creation in the registry; 0 of what is not stored.</summary>
    public long Sequence { get; init; }

    /// <summary>Grows with every change; 0 of what is not stored.</summary>
    public long Revision { get; init; }

    /// <summary>The second segment of the name.</summary>
    public string Project => ProjectOf(Name);

    /// <summary>The last segment of the name.</summary>
    public string Id => Name[(Name.LastIndexOf('/') + 1)..];

    /// <summary>The revision as an entity tag: 8 bytes in base 64, which strict clients demand.</summary>
    public string Etag => EtagOf(Revision);

    public static string EtagOf(long revision)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, revision);
        return Convert.ToBase64String(bytes);
    }

    public static string ProjectOf(string name) => name.Split('/') is ["projects", var project, ..] ? project : "";
}
