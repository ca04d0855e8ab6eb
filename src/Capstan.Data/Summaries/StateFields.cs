using System.Buffers.Binary;
using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>Writes a state's tagged fields in ascending order, the version first.</summary>
public readonly ref struct StateWriter
{
    readonly CborWriter _writer;

    /// <param name="version">Of the state's own form; every state starts with 1.</param>
    public StateWriter(CborWriter writer, int fields, int version = 1)
    {
        _writer = writer;
        writer.WriteStartMap(fields + 1);
        Number(0, version);
    }

    public void Number(int tag, long value)
    {
        _writer.WriteInt32(tag);
        _writer.WriteInt64(value);
    }

    public void Double(int tag, double value)
    {
        _writer.WriteInt32(tag);
        _writer.WriteDouble(value);
    }

    public void Bytes(int tag, ReadOnlySpan<byte> value)
    {
        _writer.WriteInt32(tag);
        _writer.WriteByteString(value);
    }

    /// <summary>64-bit words as a byte string, little-endian.</summary>
    public void Words(int tag, ReadOnlySpan<ulong> words)
    {
        var bytes = new byte[words.Length * 8];
        for (var index = 0; index < words.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(index * 8), words[index]);
        }

        Bytes(tag, bytes);
    }

    public void State<T>(int tag, T state)
        where T : IStoredState<T>
    {
        _writer.WriteInt32(tag);
        state.WriteTo(_writer);
    }

    public void States<T>(int tag, IReadOnlyList<T> states)
        where T : IStoredState<T>
    {
        _writer.WriteInt32(tag);
        _writer.WriteStartArray(states.Count);
        foreach (var state in states)
        {
            state.WriteTo(_writer);
        }

        _writer.WriteEndArray();
    }

    public void End() => _writer.WriteEndMap();
}

/// <summary>Reads what <see cref="StateWriter"/> wrote; every field must be there, in order, and nothing else.</summary>
public readonly ref struct StateReader
{
    readonly CborReader _reader;
    readonly string _kind;

    public StateReader(CborReader reader, string kind, int fields)
        : this(reader, kind, fields, fields)
    {
    }

    /// <summary>For states whose parts depend on what the first fields say.</summary>
    /// <param name="newest">The newest version that this program writes; it reads all from 1 on.</param>
    public StateReader(CborReader reader, string kind, int fewest, int most, int newest = 1)
    {
        _reader = reader;
        _kind = kind;
        var found = reader.ReadStartMap();
        if (found is null || found <= fewest || found > most + 1)
        {
            throw Corrupt($"it has {found?.ToString() ?? "an unknown number of"} fields, expected {fewest + 1} to {most + 1}");
        }

        FieldCount = found.Value - 1;
        var version = Number(0, 0, long.MaxValue);
        if (version < 1 || version > newest)
        {
            throw Corrupt($"its format has version {version}, this program reads version {(newest == 1 ? "" : "1 to ")}{newest}");
        }

        Version = (int)version;
    }

    /// <summary>How many fields there are besides the version. A state that has learned more since has more of them.</summary>
    public int FieldCount { get; }

    public int Version { get; }

    public CorruptStateException Corrupt(string problem) => new(_kind, problem);

    public void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw Corrupt(problem);
        }
    }

    public long Number(int tag, long least, long most)
    {
        Tag(tag);
        var value = _reader.ReadInt64();
        Check(value >= least && value <= most, $"field {tag} is {value}, expected {least} to {most}");
        return value;
    }

    /// <summary>How many there are of something.</summary>
    public long Count(int tag, long most = long.MaxValue / 4) => Number(tag, 0, most);

    public double Finite(int tag)
    {
        Tag(tag);
        var value = _reader.ReadDouble();
        Check(double.IsFinite(value), $"field {tag} is {value}, expected a finite number");
        return value;
    }

    public byte[] Bytes(int tag, int most) => BytesInPlace(tag, most).ToArray();

    /// <summary>The bytes where they are, for who copies them anyway: valid as long as what is read.</summary>
    public ReadOnlySpan<byte> BytesInPlace(int tag, int most)
    {
        Tag(tag);
        var bytes = _reader.ReadDefiniteLengthByteString().Span;
        Check(bytes.Length <= most, $"field {tag} has {bytes.Length:N0} bytes, expected at most {most:N0}");
        return bytes;
    }

    public ulong[] Words(int tag, int most)
    {
        Tag(tag);
        var bytes = _reader.ReadDefiniteLengthByteString().Span;
        Check(bytes.Length % 8 == 0 && bytes.Length / 8 <= most,
            $"field {tag} has {bytes.Length:N0} bytes, expected a multiple of 8 up to {most * 8L:N0}");
        var words = new ulong[bytes.Length / 8];
        for (var index = 0; index < words.Length; index++)
        {
            words[index] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * 8)..]);
        }

        return words;
    }

    public T State<T>(int tag)
        where T : IStoredState<T>
    {
        Tag(tag);
        return T.ReadFrom(_reader);
    }

    public T[] States<T>(int tag, int most)
        where T : IStoredState<T>
    {
        Tag(tag);
        var count = _reader.ReadStartArray();
        // Every state takes at least one byte, so a claimed length beyond the bytes that are there is refused at once.
        Check(count <= Math.Min(most, _reader.BytesRemaining), $"field {tag} claims {count?.ToString() ?? "an unknown number of"} states, expected at most {most:N0}");
        var states = new T[count!.Value]; // an unknown number was refused above
        for (var index = 0; index < states.Length; index++)
        {
            states[index] = T.ReadFrom(_reader);
        }

        _reader.ReadEndArray();
        return states;
    }

    public void End() => _reader.ReadEndMap();

    void Tag(int expected)
    {
        var found = _reader.ReadInt32();
        Check(found == expected, $"field {found} was found where field {expected} was expected");
    }
}
