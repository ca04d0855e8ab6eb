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
sealed partial class InstanceReader
{
    public const string SignatureName = "serving_default";

    public static readonly byte[] InstancesMember = [.. "instances"u8];

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
    readonly UniformReader _uniform;

    // [inputs] the last instance that had the field, so that duplicates and gaps are found without clearing anything per row.
    readonly int[] _seenIn;
    int _instance;
    int _field;
    int _guess;
    byte[] _member = InstancesMember;
    bool _takesParameters;
    int _count;

    /// <param name="inputs">The columns to fill.</param>
    /// <param name="names">The names of the inputs in order, then those of columns to skip.</param>
    public InstanceReader(Schema inputs, FieldPaths names)
    {
        _inputs = inputs;
        _names = names;
        _builder = new BatchBuilder(inputs);
        _cells = new CellReader(inputs, _builder.Columns);
        _uniform = new UniformReader(inputs, names, _builder);
        _seenIn = new int[inputs.Fields.Length];
    }

    /// <summary>The rows of the last request read; valid until the next.</summary>
    public ColumnBatch Batch => _builder.Batch;

    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> body) => Read(body, InstancesMember);

    /// <param name="member">The name of the array of instances, in UTF-8.</param>
    /// <param name="takesParameters">Whether there may be a member "parameters", which says nothing to us.</param>
    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> body, byte[] member, bool takesParameters = false)
    {
        body = body.StartsWith("\uFEFF"u8) ? body["\uFEFF"u8.Length..] : body;
        _builder.Clear();
        if (body.IsEmpty)
        {
            Refuse(RequestProblems.EmptyBody());
        }

        // Once for the whole body: the JSON reader would look at the encoding only of what is unescaped.
        if (!Utf8.IsValid(body))
        {
            Refuse(RequestProblems.NotUtf8(JsonDiagnosis.FirstInvalid(body)));
        }

        if (!ReferenceEquals(member, InstancesMember) || !_uniform.TryRead(body))
        {
            (_member, _takesParameters) = (member, takesParameters);
            ReadStrictly(body);
        }
    }

    /// <summary>Reads a body in any form that is taken; the reference of <see cref="UniformReader"/>.</summary>
    /// <param name="body">Valid UTF-8.</param>
    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void ReadStrictly(ReadOnlySpan<byte> body)
    {
        Begin();
        Parse(body, isLine: false);
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

        Parse(json, isLine: true);
    }

    void Parse(ReadOnlySpan<byte> json, bool isLine)
    {
        var reader = new Utf8JsonReader(json, Strict);
        try
        {
            if (isLine)
            {
                ReadLine(ref reader);
            }
            else
            {
                ReadBody(ref reader);
            }
        }
        catch (JsonException problem)
        {
            Refuse(JsonDiagnosis.Of(problem, json, reader.BytesConsumed, InstanceAt, FieldAt));
        }
        catch (InvalidOperationException)
        {
            // The one thing that well-formed JSON in valid UTF-8 can still hold: "\ud800", half a character.
            Refuse(RequestProblems.InvalidText(InstanceAt, FieldAt));
        }
    }

    void ReadLine(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse(RequestProblems.InstanceNotAnObject(_instance, CellReader.Describe(ref reader)));
        }

        ReadInstance(ref reader);
        reader.Read();
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
            else if (_takesParameters && reader.ValueTextEquals("parameters"u8))
            {
                reader.Skip();
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

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    static void Refuse(Problem problem) => throw new RefusedRequestException(problem);
}
