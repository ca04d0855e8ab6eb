using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>
/// Reads a request in the column form of TensorFlow Serving, <c>{"inputs":{"distance":[2.5,3],"vendor":["A","B"]}}</c>: every input
/// with a value for each row. Not thread-safe.
/// </summary>
sealed class InputsReader(Schema inputs, FieldPaths names) : IBodyParser
{
    readonly ColumnFiller _filler = new(inputs, names);

    public ColumnBatch Batch => _filler.Batch;

    /// <summary>Whether the body is in this form: its first member but for "signature_name" is "inputs".</summary>
    public static bool Recognizes(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            reader.Read();
            while (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String && reader.Read() &&
                reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!reader.ValueTextEquals("signature_name"u8))
                {
                    return reader.ValueTextEquals("inputs"u8);
                }

                reader.Read();
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // Broken, or a name with half a character in it: whoever reads the whole body says what is wrong with it.
        }

        return false;
    }

    /// <exception cref="RefusedRequestException">The body is not what the model takes; nothing of it may be used.</exception>
    public void Read(ReadOnlySpan<byte> body)
    {
        _filler.Clear();
        WholeBody.Read(body, this);
        _filler.Finish();
    }

    void IBodyParser.ReadBody(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!; // A property name is never null.
            reader.Read();
            switch (name)
            {
                case "signature_name" when reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(InstanceReader.SignatureName):
                    break;
                case "signature_name":
                    throw new RefusedRequestException(RequestProblems.UnknownSignature(CellReader.Describe(ref reader)));
                case "inputs" when reader.TokenType == JsonTokenType.StartObject:
                    ReadInputs(ref reader);
                    break;
                case "inputs":
                    throw new RefusedRequestException(RequestProblems.InputsNotAnObject(CellReader.Describe(ref reader)));
                default:
                    throw new RefusedRequestException(RequestProblems.UnknownMember(name, "inputs"u8));
            }
        }

        // Whatever follows the object is an error that reading on reports.
        reader.Read();
    }

    void ReadInputs(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = _filler.Find(reader.GetString()!); // A property name is never null.
            reader.Read();
            if (index < 0)
            {
                reader.Skip();
            }
            else
            {
                _filler.Fill(ref reader, index);
            }
        }
    }
}
