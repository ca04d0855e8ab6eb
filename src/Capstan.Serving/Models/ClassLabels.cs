using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>The classes of a classifier as the label column held them.</summary>
public sealed class ClassLabels
{
    readonly ImmutableArray<byte[]> _json;

    /// <param name="names">In the order of the predictions, as texts: "false", "0", "on time". Of two, the second is the positive
    /// one.</param>
    /// <param name="type">The label column's type: numbers and booleans are answered without quotes.</param>
    /// <exception cref="ArgumentException">There are fewer than two labels, or one is not of the type said.</exception>
    public ClassLabels(ImmutableArray<string> names, DataType type)
    {
        if (names.Length < 2)
        {
            throw new ArgumentException($"A classifier has two labels or more; there are {names.Length}.", nameof(names));
        }

        (Names, Type) = (names, type);
        _json = [.. names.Select(name => ToJson(name, type, nameof(names)))];
        EncodedNames = [.. names.Select(name => JsonEncodedText.Encode(name, ResponseJson.Options.Encoder))];
    }

    /// <param name="negative">The class of probability below one half.</param>
    /// <param name="positive">The class whose probability is predicted.</param>
    public ClassLabels(string negative, string positive, DataType type)
        : this([negative, positive], type)
    {
    }

    public ImmutableArray<string> Names { get; }

    public DataType Type { get; }

    public int Count => Names.Length;

    /// <summary>The labels as names of members.</summary>
    internal ImmutableArray<JsonEncodedText> EncodedNames { get; }

    /// <summary>A label as it stands in an answer.</summary>
    internal byte[] Json(int index) => _json[index];

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
