using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Capstan.Data.DuckDb;

/// <summary>
/// Gathers names and evidence of their types from lines. What objects within hold are columns of their own, named by their path
/// (<c>user.age</c>). An object with very many different names is no record but a map (of counts by user, say), and stays text.
/// </summary>
/// <param name="types">Columns declared as text stay text, whatever objects they hold.</param>
sealed class JsonSample(CellText cells, ImmutableDictionary<string, DataType> types)
{
    public const int MaxNamesOfAnObject = 256;

    readonly Dictionary<string, TypeEvidence> _evidence = new(StringComparer.Ordinal);
    readonly Dictionary<string, HashSet<string>> _objects = new(StringComparer.Ordinal);
    readonly List<string> _names = [];

    /// <summary>In the order of their first appearance.</summary>
    public IReadOnlyList<FoundColumn> Columns => [.. _names.Where(IsColumn).Select(ColumnOf)];

    /// <summary>A line of valid UTF-8. One that is no object says nothing.</summary>
    public void Observe(ReadOnlySpan<byte> line)
    {
        if (line.Contains((byte)'\\') || line[0] != '{')
        {
            ObserveChecked(line);
            return;
        }

        Walk(line);
    }

    /// <summary>A line whose escapes may be wrong, which shows only when a text is asked for.</summary>
    void ObserveChecked(ReadOnlySpan<byte> line)
    {
        try
        {
            Walk(line);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: a bad row, which reading reports.
        }
    }

    void Walk(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return;
            }

            // The names of a line that turns out broken say nothing.
            var whole = reader;
            whole.Skip();
            WalkObject(ref reader, "");
        }
        catch (JsonException)
        {
            // A bad row, which reading reports.
        }
    }

    void WalkObject(ref Utf8JsonReader reader, string prefix)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var path = prefix + reader.GetString();
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject && types.GetValueOrDefault(path) != DataType.Text)
            {
                ObserveObject(ref reader, path);
            }
            else
            {
                ObserveValue(ref reader, Of(path));
            }

            if (prefix.Length > 0)
            {
                _objects[prefix[..^1]].Add(path);
            }
        }
    }

    void ObserveObject(ref Utf8JsonReader reader, string path)
    {
        _ = Of(path); // its place among the columns, should it turn out to be one
        _objects.TryAdd(path, new HashSet<string>(StringComparer.Ordinal));
        if (IsMap(path))
        {
            reader.Skip();
        }
        else
        {
            WalkObject(ref reader, $"{path}.");
        }
    }

    bool IsMap(string path) => _objects.TryGetValue(path, out var names) && names.Count > MaxNamesOfAnObject;

    /// <summary>
    /// Objects are columns only where they are maps, or where something else than objects stands in their place, too.
    /// </summary>
    bool IsColumn(string name)
    {
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (IsMap(name[..dot]))
            {
                return false;
            }
        }

        return !_objects.TryGetValue(name, out var names) || names.Count == 0 || IsMap(name) ||
            _evidence[name].Conclude() is not null;
    }

    FoundColumn ColumnOf(string name) => new(name, IsMap(name) ? DataType.Text : _evidence[name].Conclude());

    void ObserveValue(ref Utf8JsonReader reader, TypeEvidence evidence)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                break;
            case JsonTokenType.True or JsonTokenType.False:
                evidence.ObserveBoolean();
                break;
            case JsonTokenType.Number:
                evidence.ObserveNumber(NumberText.TryParse(reader.ValueSpan, out long _));
                break;
            case JsonTokenType.String:
                var text = Encoding.UTF8.GetBytes(reader.GetString()!); // a string token is never null
                if (!cells.IsMissing(text) && !CellWords.IsMissing(text))
                {
                    evidence.ObserveString(text);
                }

                break;
            case JsonTokenType.StartArray when IsListOfTexts(reader):
                reader.Skip();
                evidence.ObserveList();
                break;
            default:
                reader.Skip();
                evidence.ObserveString("{}"u8);
                break;
        }
    }

    /// <summary>Whether an array holds texts only, and no or null items.</summary>
    static bool IsListOfTexts(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                return false;
            }
        }

        return true;
    }

    TypeEvidence Of(string name)
    {
        if (!_evidence.TryGetValue(name, out var evidence))
        {
            _evidence[name] = evidence = new TypeEvidence(cells);
            _names.Add(name);
        }

        return evidence;
    }
}
