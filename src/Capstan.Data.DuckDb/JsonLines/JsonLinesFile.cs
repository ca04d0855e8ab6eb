using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Capstan.Data.DuckDb;

/// <summary>
/// A file with one JSON object per line. Its columns are the names found in the sample, in the order of their first appearance; a name
/// that an object lacks is a missing value, names that the sample does not show are not read. Objects and arrays within are text.
/// </summary>
sealed class JsonLinesFile : DataFile
{
    readonly CellText _cells;

    JsonLinesFile(DataFilePath path, CellText cells, ImmutableArray<FoundColumn> columns)
        : base(path)
    {
        _cells = cells;
        Columns = columns;
    }

    public override IReadOnlyList<FoundColumn> Columns { get; }

    public override IReadOnlyList<FilePart> Parts { get; } = [new FilePart(0, null)];

    public override bool HasRows => true;

    /// <exception cref="UnreadableDataException">None of the lines sampled is a JSON object with a name in it.</exception>
    public static JsonLinesFile Open(DataFilePath path, ReadOptions options, int sampleRows, CancellationToken cancellationToken)
    {
        var cells = new CellText(options.MissingTexts, options.TimestampFormat);
        var sample = new JsonSample(cells);
        using var lines = OpenLines(path);
        var count = 0;
        for (; count < sampleRows && lines.MoveNext(); count++)
        {
            if ((count & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (count == 0 && lines.Line[0] == '[')
            {
                throw new UnreadableDataException(path.Name,
                    "it is a JSON array; write one object per line instead (jq -c '.[]'), so that it can be read without holding it in memory.");
            }

            if (!lines.IsTooLong && Utf8.IsValid(lines.Line))
            {
                sample.Observe(lines.Line);
            }
        }

        return sample.Columns.Count > 0
            ? new JsonLinesFile(path, cells, [.. sample.Columns])
            : throw new UnreadableDataException(path.Name, count == 0
                ? "it holds only empty lines; data needs at least one row."
                : $"none of its first {count:N0} lines is a JSON object such as {{\"name\": 1}}; check the file, or set its format.");
    }

    public override RowScan Scan(FilePart part, Schema schema, Schema wanted, BadRowTally tally)
    {
        Path.CheckUnchanged();
        return new JsonLinesScan(OpenLines(Path), [.. Columns.Select(column => schema[column.Name])], wanted, _cells, tally);
    }

    static TextLines OpenLines(DataFilePath path) => new(new TextWindow(TextFile.Open(path.Path, path.Name), path.Name));
}

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
