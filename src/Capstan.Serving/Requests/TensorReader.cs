using System.Collections.Immutable;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads an inference request of the Open Inference Protocol, version 2 over REST: every input column as a tensor of shape [rows] or
/// [rows, 1]. Beyond the protocol, null in "data" says that a value is missing. Not thread-safe.
/// </summary>
/// <remarks>Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md.</remarks>
sealed class TensorReader(Schema inputs, FieldPaths names) : IBodyParser
{
    readonly ColumnFiller _filler = new(inputs, names);

    public ColumnBatch Batch => _filler.Batch;

    /// <summary>The caller's id, to be sent back; null where there is none.</summary>
    public string? Id { get; private set; }

    /// <summary>The outputs that the caller wants, in its order; empty wants all.</summary>
    public ImmutableArray<string> Outputs { get; private set; } = [];

    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> body)
    {
        _filler.Clear();
        (Id, Outputs) = (null, []);
        if (body.IsEmpty)
        {
            throw new RefusedRequestException(RequestProblems.EmptyBody());
        }

        WholeBody.Read(body, this);
        _filler.Finish();
    }

    void IBodyParser.ReadBody(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new RefusedRequestException(RequestProblems.NotInference(CellReader.Describe(ref reader)));
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "id" when reader.TokenType == JsonTokenType.String:
                    Id = reader.GetString();
                    break;
                case "parameters":
                    reader.Skip();
                    break;
                case "inputs" when reader.TokenType == JsonTokenType.StartArray:
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    {
                        ReadTensor(ref reader);
                    }

                    break;
                case "outputs" when reader.TokenType == JsonTokenType.StartArray:
                    ReadOutputs(ref reader);
                    break;
                default:
                    throw new RefusedRequestException(RequestProblems.NotInference($"\"{name}\" with {CellReader.Describe(ref reader)}"));
            }
        }

        // Whatever follows the object is an error that reading on reports.
        reader.Read();
    }

    void ReadTensor(ref Utf8JsonReader reader)
    {
        RequireObject(ref reader);
        var (name, datatype, rows) = ((string?)null, (string?)null, -1);
        Utf8JsonReader data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = reader.GetString();
            reader.Read();
            switch (member)
            {
                case "name" when reader.TokenType == JsonTokenType.String:
                    name = reader.GetString();
                    break;
                case "datatype" when reader.TokenType == JsonTokenType.String:
                    datatype = reader.GetString();
                    break;
                case "shape" when reader.TokenType == JsonTokenType.StartArray:
                    rows = ReadShape(ref reader);
                    break;
                case "data":
                    // Name and type may follow: the values are read when they are known.
                    data = reader;
                    reader.Skip();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (name is null || datatype is null || rows < 0 || data.TokenType != JsonTokenType.StartArray)
        {
            throw new RefusedRequestException(RequestProblems.IncompleteTensor(name));
        }

        Fill(name, datatype, rows, ref data);
    }

    void Fill(string name, string datatype, int rows, ref Utf8JsonReader data)
    {
        var index = _filler.Find(name);
        if (index < 0)
        {
            return;
        }

        var field = inputs.Fields[index];
        if (!TensorTypes.Fits(datatype, field.Type))
        {
            throw new RefusedRequestException(RequestProblems.WrongDatatype(name, datatype, TensorTypes.Of(field.Type)));
        }

        _filler.Fill(ref data, index);
        var found = Batch.Columns[index].Length;
        if (found != rows)
        {
            throw new RefusedRequestException(RequestProblems.WrongShape(name, rows, found));
        }
    }

    void ReadOutputs(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            RequireObject(ref reader);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isName = reader.ValueTextEquals("name"u8);
                reader.Read();
                if (isName && reader.TokenType == JsonTokenType.String)
                {
                    Outputs = TensorWriter.Want(Outputs, reader.GetString()!); // It is a text.
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    /// <returns>The number of rows; -1 for a shape that is neither [rows] nor [rows, 1].</returns>
    static int ReadShape(ref Utf8JsonReader reader)
    {
        var (rows, dimension) = (-1, 0);
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; dimension++)
        {
            var size = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : -1;
            rows = dimension == 0 ? size : size == 1 || size == -1 ? rows : -1;
        }

        return dimension is 1 or 2 ? rows : -1;
    }

    static void RequireObject(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new RefusedRequestException(RequestProblems.NotInference(CellReader.Describe(ref reader)));
        }
    }
}
