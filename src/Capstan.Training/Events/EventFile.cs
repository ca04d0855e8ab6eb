using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Capstan.Training;

/// <summary>
/// An event file that TensorBoard reads: scalars by tag and step, each on the disk when the call returns. Not thread-safe.
/// </summary>
/// <remarks>
/// A sequence of TFRecords: length (8 bytes, little-endian), its masked CRC-32C, content, its masked CRC-32C. The contents are
/// protocol buffers: <c>Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog
/// session_log = 7; }</c> with <c>Summary { repeated Value { string tag = 1; float simple_value = 2; } value = 1; }</c> and
/// <c>SessionLog { SessionStatus status = 1; }</c>, whose START (1) tells TensorBoard that what an earlier run wrote from that step on
/// is void. Source: tensorflow/core/util/event.proto, framework/summary.proto and lib/io/record_writer.h.
/// </remarks>
public sealed class EventFile : IDisposable
{
    const int Varint = 0;
    const int Fixed64 = 1;
    const int Delimited = 2;
    const int Fixed32 = 5;

    readonly FileStream _stream;
    readonly TimeProvider _clock;
    readonly ArrayBufferWriter<byte> _event = new();
    readonly ArrayBufferWriter<byte> _summary = new();
    readonly ArrayBufferWriter<byte> _value = new();
    bool _hasBegun;

    /// <param name="folder">Made if need be; one folder for each run that TensorBoard shall tell apart.</param>
    /// <exception cref="IOException">The file can't be made.</exception>
    public EventFile(string folder, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        _clock = clock;
        var stem = Path.Combine(folder, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeSeconds().ToString("D10", CultureInfo.InvariantCulture)}.capstan");
        var path = stem;
        for (var number = 2; File.Exists(path); number++)
        {
            path = $"{stem}.{number}";
        }

        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Begin(null);
        Bytes(_event, 3, "brain.Event:2"u8);
        Write();
    }

    /// <summary>Writes some scalars of one step.</summary>
    /// <param name="step">Grows from call to call.</param>
    /// <param name="scalars">Names with '/' between group and member, such as <c>loss/training</c>, and values; NaN is passed on.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(long step, IEnumerable<KeyValuePair<string, double>> scalars)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            Begin(step);
            Bytes(_event, 7, [1 << 3 | Varint, 1]);
            Write();
        }

        _summary.ResetWrittenCount();
        foreach (var (tag, value) in scalars)
        {
            _value.ResetWrittenCount();
            Bytes(_value, 1, Encoding.UTF8.GetBytes(tag));
            Key(_value, 2, Fixed32);
            BinaryPrimitives.WriteSingleLittleEndian(_value.GetSpan(4), (float)value);
            _value.Advance(4);
            Bytes(_summary, 1, _value.WrittenSpan);
        }

        Begin(step);
        Bytes(_event, 5, _summary.WrittenSpan);
        Write();
    }

    public void Dispose() => _stream.Dispose();

    void Begin(long? step)
    {
        _event.ResetWrittenCount();
        Key(_event, 1, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(_event.GetSpan(8), _clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _event.Advance(8);
        if (step is { } number)
        {
            Key(_event, 2, Varint);
            WriteVarint(_event, (ulong)number);
        }
    }

    void Write()
    {
        var content = _event.WrittenSpan;
        var record = new byte[8 + 4 + content.Length + 4];
        BinaryPrimitives.WriteInt64LittleEndian(record, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        content.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + content.Length), MaskedCrc(content));
        _stream.Write(record);
    }

    static void Key(ArrayBufferWriter<byte> output, int field, int wireType) => WriteVarint(output, (ulong)(field << 3 | wireType));

    static void Bytes(ArrayBufferWriter<byte> output, int field, ReadOnlySpan<byte> content)
    {
        Key(output, field, Delimited);
        WriteVarint(output, (ulong)content.Length);
        output.Write(content);
    }

    static void WriteVarint(ArrayBufferWriter<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Write([(byte)(value | 0x80)]);
        }

        output.Write([(byte)value]);
    }

    // The mask keeps a checksum of data that holds checksums from being easily right by accident.
    static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var each in bytes)
        {
            crc = BitOperations.Crc32C(crc, each);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
