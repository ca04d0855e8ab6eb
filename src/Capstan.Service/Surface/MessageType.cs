namespace Capstan.Service;

/// <summary>What a field holds, as JSON writes it.</summary>
enum WireType
{
    Text,
    Enumeration,
    Int32,

    /// <summary>A string of digits, since JavaScript's numbers end at 2^53.</summary>
    Int64,
    Double,
    Boolean,

    /// <summary>Base 64.</summary>
    Bytes,

    /// <summary>RFC 3339.</summary>
    Timestamp,

    /// <summary>Seconds: <c>"3.5s"</c>.</summary>
    Duration,

    /// <summary>Another message.</summary>
    Message,

    /// <summary>Any JSON.</summary>
    Any,
}

/// <summary>A field of a message.</summary>
/// <param name="Message">The type of a message's field; null of others.</param>
/// <param name="Values">The names of an enumeration; empty of others.</param>
/// <param name="IsOutput">The service sets it; what a caller sends is ignored.</param>
sealed record MessageField(
    string Name, WireType Type, bool IsRepeated, bool IsMap, Lazy<MessageType>? Message, IReadOnlyList<string> Values,
    bool IsOutput,
    bool IsRequired)
{
    /// <summary>The name as older clients write it: <c>study_config</c>.</summary>
    public string SnakeName { get; } =
        string.Concat(Name.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{c}"));
}

/// <summary>A message: an object with declared fields.</summary>
sealed class MessageType(string name, IReadOnlyList<MessageField> fields)
{
    readonly Dictionary<string,
    MessageField> _byName = fields.SelectMany(field => new[] { (field.Name, field), (Name: field.SnakeName, field) })
        .DistinctBy(pair => pair.Name).ToDictionary(pair => pair.Name, pair => pair.field, StringComparer.Ordinal);

    /// <summary>As the surface file has it: <c>Job</c>, <c>longrunning.Operation</c>.</summary>
    public string Name { get; } = name;

    public IReadOnlyList<MessageField> Fields { get; } = fields;

    /// <param name="name">In either spelling.</param>
    public MessageField? Find(string name) => _byName.GetValueOrDefault(name);
}
