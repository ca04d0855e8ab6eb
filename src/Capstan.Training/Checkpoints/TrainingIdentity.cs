using System.Collections.Immutable;
using System.Formats.Cbor;
using Capstan.Data;

namespace Capstan.Training;

/// <summary>
/// Everything that a training's state follows from, by name: equal identities train to the same bits. A difference can be told in
/// words.
/// </summary>
/// <param name="parts">Name and value of each, such as the data's fingerprint and the seed.</param>
public sealed class TrainingIdentity(IEnumerable<KeyValuePair<string, string>> parts) : IStoredState<TrainingIdentity>
{
    const int LongestShown = 60;
    const int MostShown = 5;

    readonly ImmutableSortedDictionary<string, string> _parts = parts.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>"seed is 2 there and 1 here; …"; empty where both are the same.</summary>
    public string DifferencesFrom(TrainingIdentity stored)
    {
        string[] differing =
        [
            .. _parts.Keys.Union(stored._parts.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Where(name => _parts.GetValueOrDefault(name) != stored._parts.GetValueOrDefault(name))
                .Select(name => $"{name} is {Shown(stored, name)} there and {Shown(this, name)} here"),
        ];
        var more = differing.Length > MostShown ? $"; and {differing.Length - MostShown} more" : "";
        return string.Join("; ", differing.Take(MostShown)) + more;
    }

    public void WriteTo(CborWriter writer)
    {
        writer.WriteStartMap(_parts.Count);
        foreach (var (name, value) in _parts)
        {
            writer.WriteTextString(name);
            writer.WriteTextString(value);
        }

        writer.WriteEndMap();
    }

    public static TrainingIdentity ReadFrom(CborReader reader)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            parts[reader.ReadTextString()] = reader.ReadTextString();
        }

        reader.ReadEndMap();
        return new TrainingIdentity(parts);
    }

    static string Shown(TrainingIdentity identity, string name) => identity._parts.GetValueOrDefault(name) switch
    {
        null => "not set",
        { Length: <= LongestShown } value => value,
        var value => $"{value.AsSpan(0, LongestShown)}…",
    };
}
