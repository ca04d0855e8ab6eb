using System.Globalization;
using System.Text;

namespace Capstan.Serving;

/// <summary>The parts of a message InferInputTensor, where they lie in it.</summary>
ref struct TensorMessage
{
    /// <exception cref="RefusedRequestException">The message is broken.</exception>
    public TensorMessage(ReadOnlySpan<byte> message)
    {
        Message = message;
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    Name = reader.Bytes;
                    break;
                case (2, WireType.Bytes):
                    Datatype = reader.Bytes;
                    break;
                case (3, WireType.Bytes):
                    var packed = reader.Bytes;
                    while (!packed.IsEmpty)
                    {
                        AddSize(ProtobufReader.Varint(ref packed));
                    }

                    break;
                case (3, WireType.Varint):
                    AddSize(reader.Bits);
                    break;
                case (Parameters, WireType.Bytes):
                    _hasParameters = true;
                    break;
                case (5, WireType.Bytes):
                    Contents = reader.Bytes;
                    break;
            }
        }
    }

    // The number of the field with an entry of the map of parameters: a key 1 and a value 2.
    const int Parameters = 4;

    readonly bool _hasParameters;

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Message { get; }

    public ReadOnlySpan<byte> Name { get; private set; }

    public ReadOnlySpan<byte> Datatype { get; private set; }

    public int Dimensions { get; private set; }

    /// <summary>The first size; 0 where there is none.</summary>
    public long Rows { get; private set; }

    /// <summary>The second size; 1 where there is none.</summary>
    public long Width { get; private set; } = 1;

    /// <summary>A message InferTensorContents; empty where there is none.</summary>
    public ReadOnlySpan<byte> Contents { get; private set; }

    /// <summary>The shape for people; of more than two sizes the first two.</summary>
    public readonly string Shape() => Dimensions switch
    {
        0 => "",
        1 => Text(Rows),
        2 => $"{Text(Rows)}, {Text(Width)}",
        _ => $"{Text(Rows)}, {Text(Width)}, …",
    };

    /// <summary>The rows that the parameter "missing" names, as the caller wrote their numbers; null where there is no such parameter.</summary>
    /// <exception cref="RefusedRequestException">The message is broken.</exception>
    public readonly IReadOnlyList<string>? MissingRows()
    {
        IReadOnlyList<string>? rows = null;
        if (_hasParameters)
        {
            var reader = new ProtobufReader(Message);
            while (reader.Read())
            {
                rows = reader.Is(Parameters, WireType.Bytes) ? MissingIn(reader.Bytes) ?? rows : rows;
            }
        }

        return rows;
    }

    /// <summary>Of one entry; others than "missing" say nothing to us.</summary>
    static List<string>? MissingIn(ReadOnlySpan<byte> entry)
    {
        ReadOnlySpan<byte> key = [], value = [];
        var reader = new ProtobufReader(entry);
        while (reader.Read())
        {
            if (reader.Is(1, WireType.Bytes))
            {
                key = reader.Bytes;
            }
            else if (reader.Is(2, WireType.Bytes))
            {
                value = reader.Bytes;
            }
        }

        if (!key.SequenceEqual("missing"u8))
        {
            return null;
        }

        var rows = new List<string>();
        reader = new ProtobufReader(value);
        while (reader.Read())
        {
            if (reader.Is(2, WireType.Varint))
            {
                rows.Add(Text((long)reader.Bits));
            }
            else if (reader.Is(3, WireType.Bytes))
            {
                rows.AddRange(Encoding.UTF8.GetString(reader.Bytes).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            }
        }

        return rows;
    }

    static string Text(long size) => size.ToString(CultureInfo.InvariantCulture);

    void AddSize(ulong size)
    {
        if (Dimensions == 0)
        {
            Rows = (long)size;
        }
        else if (Dimensions == 1)
        {
            Width = (long)size;
        }

        Dimensions++;
    }
}
