using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Capstan.Serving;

/// <summary>
/// What a caller sticks by in a ModelInferRequest: the first row of the input of a name, as the same value stands in the JSON of a predict request, so
/// that the caller meets the same version over both. A number is the shortest text that stands for it.
/// </summary>
static class InferKey
{
    /// <returns>Null where the request has no such input, or it is a truth, a list, missing, or no value at all: as in JSON, any version may answer.</returns>
    public static string? Of(ReadOnlySpan<byte> message, string name)
    {
        try
        {
            return Find(message, Encoding.UTF8.GetBytes(name));
        }
        catch (RefusedRequestException)
        {
            // Whoever reads the whole message says what is wrong with it.
            return null;
        }
    }

    static string? Find(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
    {
        var index = 0;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (!reader.Is(InferMessageReader.Inputs, WireType.Bytes))
            {
                continue;
            }

            var tensor = new TensorMessage(reader.Bytes);
            if (tensor.Name.SequenceEqual(name))
            {
                return FirstOf(tensor, RawOf(message, index, out var isRaw), isRaw);
            }

            index++;
        }

        return null;
    }

    /// <summary>The raw contents of the input of an index: they stand behind all inputs, in their order.</summary>
    static ReadOnlySpan<byte> RawOf(ReadOnlySpan<byte> message, int index, out bool isRaw)
    {
        isRaw = false;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Is(InferMessageReader.RawContents, WireType.Bytes))
            {
                isRaw = true;
                if (index-- == 0)
                {
                    return reader.Bytes;
                }
            }
        }

        return [];
    }

    static string? FirstOf(in TensorMessage tensor, ReadOnlySpan<byte> raw, bool isRaw)
    {
        const string First = "0";
        if (tensor.Width != 1 || ElementType.Find(tensor.Datatype) is not { Name: not "BOOL" } type || tensor.MissingRows()?.Contains(First) == true)
        {
            return null;
        }

        var elements = isRaw ? TensorElements.Raw(type, raw) : TensorElements.Typed(type, tensor.Contents);
        return type.IsText
            ? elements.TryNext(out ReadOnlySpan<byte> text) && Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null
            : elements.TryNext(out ulong bits) ? TextOf(type, bits) : null;
    }

    static string? TextOf(ElementType type, ulong bits)
    {
        var number = type.ToDouble(bits);
        return !type.IsFloating ? type.TryToInteger(bits, out var integer) ? Text(integer) : Text(bits)
            : !double.IsFinite(number) ? null // Which is refused by who reads it, as it is in JSON.
            : type.Bytes < sizeof(double) ? Text((float)number)
            : Text(number);

        static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
    }
}
