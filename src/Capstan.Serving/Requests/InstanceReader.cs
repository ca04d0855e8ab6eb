using System.Text.Json;
using System.Text.Unicode;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads the body of a predict request, <c>{"instances":[{…}], "signature_name"?}</c> (or "examples"), from its UTF-8 bytes straight into
/// columns. Columns may come in any order; a field must be there, and null says that its value is missing. A column
/// <c>user.age</c> may be a field of that name or the field <c>age</c> of an object <c>user</c>. Allocates nothing once
/// it has seen its largest request. Not thread-safe.
/// </summary>
sealed class InstanceReader
{
    public const string SignatureName = "serving_default";

    static readonly byte[] InstancesMember = [.. "instances"u8];

    static readonly JsonReaderOptions Strict = new()
    {
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
    };

    readonly Schema _inputs;
    readonly FieldPaths _names;
    readonly FieldPath _path = new();
    readonly BatchBuilder _builder;
    readonly CellReader _cells;

    // [inputs] the last instance that had the field, so that duplicates and gaps are found without clearing anything per row.
    readonly int[] _seenIn;
    int _instance;
    int _field;
    int _guess;
    byte[] _member = InstancesMember;
    int _count;

    /// <param name="inputs">The columns to fill.</param>
    /// <param name="names">The names of the inputs in order, then those of columns to skip.</param>
    public InstanceReader(Schema inputs, FieldPaths names)
    {
        _inputs = inputs;
        _names = names;
        _builder = new BatchBuilder(inputs);
        _cells = new CellReader(inputs, _builder.Columns);
        _seenIn = new int[inputs.Fields.Length];
    }

    /// <summary>The rows of the last request read; valid until the next.</summary>
    public ColumnBatch Batch => _builder.Batch;

    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> body) => Read(body, InstancesMember);

    /// <param name="member">The name of the array of instances, in UTF-8.</param>
    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> body, byte[] member)
    {
        Begin();
        _member = member;
        if (body.StartsWith("\uFEFF"u8))
        {
            body = body["\uFEFF"u8.Length..];
        }

        if (body.IsEmpty)
        {
            Refuse(RequestProblems.EmptyBody());
        }

        // Once for the whole body: the JSON reader would look at the encoding only of what is unescaped.
        if (!Utf8.IsValid(body))
        {
            Refuse(RequestProblems.NotUtf8(JsonDiagnosis.FirstInvalid(body)));
        }

        var reader = new Utf8JsonReader(body, Strict);
        try
        {
            ReadBody(ref reader);
        }
        catch (JsonException problem)
        {
            Refuse(JsonDiagnosis.Of(problem, body, reader.BytesConsumed, InstanceAt, FieldAt));
        }
        catch (InvalidOperationException)
        {
            // The one thing that well-formed JSON in valid UTF-8 can still hold: "\ud800", half a character.
            Refuse(RequestProblems.InvalidText(InstanceAt, FieldAt));
        }
    }

    /// <summary>Forgets the rows of the last request.</summary>
    public void Begin()
    {
        _builder.Clear();
        _seenIn.AsSpan().Fill(-1);
        _instance = -1;
        _field = -1;
        _path.Reset();
    }

    /// <summary>Reads one object as one more row, as a line of a file has it.</summary>
    /// <param name="row">Its number from 0, for messages.</param>
    /// <exception cref="RefusedRequestException">It is not what the model takes.</exception>
    public void ReadOne(ReadOnlySpan<byte> json, int row)
    {
        _instance = row;
        _field = -1;
        _path.Reset();
        if (!Utf8.IsValid(json))
        {
            Refuse(RequestProblems.NotUtf8(JsonDiagnosis.FirstInvalid(json)));
        }

        var reader = new Utf8JsonReader(json, Strict);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Refuse(RequestProblems.InstanceNotAnObject(row, CellReader.Describe(ref reader)));
            }

            ReadInstance(ref reader);
            reader.Read();
        }
        catch (JsonException problem)
        {
            Refuse(JsonDiagnosis.Of(problem, json, reader.BytesConsumed, InstanceAt, FieldAt));
        }
        catch (InvalidOperationException)
        {
            Refuse(RequestProblems.InvalidText(InstanceAt, FieldAt));
        }
    }

    int? InstanceAt => _instance < 0 ? null : _instance;

    string? FieldAt => _field < 0 ? null : _inputs.Fields[_field].Name;

    void ReadBody(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse(RequestProblems.NotAnObject(CellReader.Describe(ref reader)));
        }

        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(_member))
            {
                if (found)
                {
                    Refuse(RequestProblems.InstancesTwice());
                }

                found = true;
                reader.Read();
                ReadInstances(ref reader);
            }
            else if (reader.ValueTextEquals("signature_name"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals(SignatureName))
                {
                    Refuse(RequestProblems.UnknownSignature(CellReader.Describe(ref reader)));
                }
            }
            else
            {
                Refuse(RequestProblems.UnknownMember(reader.GetString()!, _member)); // A property name is never null.
            }
        }

        // Whatever follows the object is an error that reading on reports.
        reader.Read();
        if (!found)
        {
            Refuse(RequestProblems.NoInstances(_member));
        }
    }

    void ReadInstances(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Refuse(RequestProblems.InstancesNotAnArray(CellReader.Describe(ref reader)));
        }

        for (_instance = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _instance++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Refuse(RequestProblems.InstanceNotAnObject(_instance, CellReader.Describe(ref reader)));
            }

            ReadInstance(ref reader);
        }

        _instance = -1;
    }

    void ReadInstance(ref Utf8JsonReader reader)
    {
        (_count, _guess) = (0, 0);
        ReadFields(ref reader);
        if (_count < _seenIn.Length)
        {
            var absent = _seenIn.AsSpan().IndexOfAnyExcept(_instance);
            Refuse(RequestProblems.MissingField(_instance, _inputs.Fields[absent]));
        }
    }

    /// <summary>
    /// The fields of an instance, or of an object in it; those of objects deeper than the JSON reader goes are refused there.
    /// </summary>
    void ReadFields(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var path = _path.Of(_cells.Unescaped(ref reader));
            var index = _names.Find(path, _guess);
            var isObject = _names.IsObject(path);
            if (index < 0 && !isObject)
            {
                Refuse(RequestProblems.UnknownField(_instance, System.Text.Encoding.UTF8.GetString(path), _inputs));
            }

            _field = index < _seenIn.Length ? index : -1;
            reader.Read();
            if (isObject && reader.TokenType == JsonTokenType.StartObject)
            {
                _field = -1;
                var outer = _path.Enter(path);
                ReadFields(ref reader);
                _path.Leave(outer);
            }
            else if (index >= 0)
            {
                ReadField(ref reader, index);
            }
            else if (reader.TokenType == JsonTokenType.Null)
            {
                MissWithin(System.Text.Encoding.UTF8.GetString(path));
            }
            else
            {
                Refuse(RequestProblems.NotAnObjectOfColumns(
                    _instance, System.Text.Encoding.UTF8.GetString(path), CellReader.Describe(ref reader)));
            }
        }
    }

    void ReadField(ref Utf8JsonReader reader, int index)
    {
        _guess = index + 1;
        if (index >= _seenIn.Length)
        {
            reader.Skip();
            return;
        }

        See(index);
        _cells.Append(ref reader, index, _instance);
        _field = -1;
    }

    /// <summary>An object that is null: its columns are missing.</summary>
    void MissWithin(string path)
    {
        foreach (var index in _names.Within(path).Where(index => index < _seenIn.Length))
        {
            See(index);
            _builder.Columns[index].AppendMissing();
        }
    }

    void See(int index)
    {
        if (_seenIn[index] == _instance)
        {
            Refuse(RequestProblems.DuplicateField(_instance, _inputs.Fields[index].Name));
        }

        _seenIn[index] = _instance;
        _count++;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    static void Refuse(Problem problem) => throw new RefusedRequestException(problem);
}
