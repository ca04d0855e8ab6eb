using System.Text;
using System.Text.Json;

namespace Capstan.Data.DuckDb;

/// <summary>Gathers names and evidence of their types from lines.</summary>
sealed class JsonSample(CellText cells)
{
    readonly Dictionary<string, TypeEvidence> _evidence = new(StringComparer.Ordinal);
    readonly List<string> _names = [];

    public IReadOnlyList<FoundColumn> Columns => [.. _names.Select(name => new FoundColumn(name, _evidence[name].Conclude()))];

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

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var evidence = Of(reader.GetString()!); // a property's name is never null
                reader.Read();
                ObserveValue(ref reader, evidence);
            }
        }
        catch (JsonException)
        {
            // A bad row, which reading reports.
        }
    }

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
                if (!cells.IsMissing(text) && !CellText.IsMissingWord(text))
                {
                    evidence.ObserveString(text);
                }

                break;
            default:
                reader.Skip();
                evidence.ObserveString("{}"u8);
                break;
        }
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
