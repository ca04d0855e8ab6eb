using System.Text;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>The two classes of a binary classifier as the label column held them.</summary>
public sealed class ClassLabels
{
    /// <param name="negative">The class of probability below one half, as text: "false", "0", "on time".</param>
    /// <param name="positive">The class whose probability is predicted.</param>
    /// <param name="type">The label column's type: numbers and booleans are answered without quotes.</param>
    /// <exception cref="ArgumentException">A label is not of the type said.</exception>
    public ClassLabels(string negative, string positive, DataType type)
    {
        Negative = negative;
        Positive = positive;
        Type = type;
        NegativeJson = ToJson(negative, type, nameof(negative));
        PositiveJson = ToJson(positive, type, nameof(positive));
    }

    public string Negative { get; }

    public string Positive { get; }

    public DataType Type { get; }

    /// <summary>The negative label as it stands in an answer.</summary>
    internal byte[] NegativeJson { get; }

    internal byte[] PositiveJson { get; }

    static byte[] ToJson(string label, DataType type, string parameter)
    {
        if (type is DataType.Text or DataType.Timestamp)
        {
            return [(byte)'"', .. JsonEncodedText.Encode(label, ResponseJson.Options.Encoder).EncodedUtf8Bytes, (byte)'"'];
        }

        var bytes = Encoding.UTF8.GetBytes(label);
        return IsScalar(bytes, type) ? bytes : throw new ArgumentException(
            $"The label '{label}' is not a JSON {(type == DataType.Boolean ? "boolean" : "number")}, " +
            $"but the label column is {Schema.NameOf(type)}.", parameter);
    }

    static bool IsScalar(ReadOnlySpan<byte> json, DataType type)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            return reader.Read() && reader.BytesConsumed == json.Length && (type == DataType.Boolean
                ? reader.TokenType is JsonTokenType.True or JsonTokenType.False
                : reader.TokenType is JsonTokenType.Number);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
