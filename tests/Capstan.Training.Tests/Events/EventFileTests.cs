using System.Buffers.Binary;
using System.Text;

namespace Capstan.Training.Tests.Events;

public sealed class EventFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("capstan-events-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_read_by_an_independent_reader()
    {
        using (var file = new EventFile(_folder, new FixedClock()))
        {
            file.Add(0, [new("loss/training", 0.5)]);
            file.Add(300, [new("loss/training", 0.25), new("Zürich", -1.5e-3)]);
            file.Add(long.MaxValue, [new("rows", double.NaN)]);
        }

        var path = Assert.Single(Directory.GetFiles(_folder));
        Assert.Equal("events.out.tfevents.0981173106.capstan", Path.GetFileName(path));
        var events = EventReader.Read(File.ReadAllBytes(path));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((true, 0L), (events[1].IsStart, events[1].Step));
        Assert.Equal([("loss/training", 0.5f)], events[2].Scalars);
        Assert.Equal(300, events[3].Step);
        Assert.Equal([("loss/training", 0.25f), ("Zürich", -1.5e-3f)], events[3].Scalars);
        Assert.Equal(long.MaxValue, events[4].Step);
        Assert.True(float.IsNaN(Assert.Single(events[4].Scalars).Value));
        Assert.All(events, each => Assert.Equal(981173106.5, each.WallTime));
        Assert.Equal(5, events.Count);
    }

    [Fact]
    public void Two_files_of_one_second_have_names_of_their_own()
    {
        using var first = new EventFile(_folder, new FixedClock());
        using var second = new EventFile(_folder, new FixedClock());
        Assert.Equal(2, Directory.GetFiles(_folder, "*tfevents*").Length);
    }

    [Fact]
    public void The_reader_of_these_tests_knows_the_checksum_of_the_standard() =>
        Assert.Equal(0xE3069283u, EventReader.Crc32C("123456789"u8)); // RFC 3720, and every table of CRCs

    sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2001, 2, 3, 4, 5, 6, 500, TimeSpan.Zero);
    }
}

/// <summary>One event as a protocol buffer says it.</summary>
sealed record ReadEvent(double WallTime, long Step, string? FileVersion, bool IsStart, IReadOnlyList<(string Tag, float Value)> Scalars);

/// <summary>Reads event files as their formats are published, bit by bit and slowly; shares nothing with the writer.</summary>
static class EventReader
{
    public static List<ReadEvent> Read(ReadOnlySpan<byte> bytes)
    {
        var events = new List<ReadEvent>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Mask(Crc32C(bytes[..8])), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var content = bytes.Slice(12, length);
            Assert.Equal(Mask(Crc32C(content)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(EventOf(content));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var each in bytes)
        {
            crc ^= each;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
            }
        }

        return crc ^ 0xFFFFFFFF;
    }

    static uint Mask(uint crc) => unchecked((crc >> 15 | crc << 17) + 0xa282ead8u);

    static ReadEvent EventOf(ReadOnlySpan<byte> bytes)
    {
        var result = new ReadEvent(0, 0, null, false, []);
        while (bytes.Length > 0)
        {
            var (field, content) = Next(ref bytes);
            result = field switch
            {
                1 => result with { WallTime = BitConverter.ToDouble(content) },
                2 => result with { Step = (long)Number(ref content) },
                3 => result with { FileVersion = Encoding.UTF8.GetString(content) },
                5 => result with { Scalars = Scalars(content) },
                7 => result with { IsStart = content.SequenceEqual((ReadOnlySpan<byte>)[8, 1]) },
                _ => throw new InvalidDataException($"field {field} of an event"),
            };
        }

        return result;
    }

    static List<(string, float)> Scalars(ReadOnlySpan<byte> summary)
    {
        var scalars = new List<(string, float)>();
        while (summary.Length > 0)
        {
            var (field, value) = Next(ref summary);
            Assert.Equal(1, field);
            var (tag, number) = ("", 0f);
            while (value.Length > 0)
            {
                var (member, content) = Next(ref value);
                (tag, number) = member == 1 ? (Encoding.UTF8.GetString(content), number) : (tag, BitConverter.ToSingle(content));
            }

            scalars.Add((tag, number));
        }

        return scalars;
    }

    static Field Next(ref ReadOnlySpan<byte> bytes)
    {
        var key = Number(ref bytes);
        var rest = bytes;
        var length = (key & 7) switch
        {
            0 => rest.Length - AfterNumber(rest).Length,
            1 => 8,
            5 => 4,
            _ => (int)Number(ref rest),
        };
        bytes = rest[length..];
        return new Field((int)(key >> 3), rest[..length]);
    }

    static ReadOnlySpan<byte> AfterNumber(ReadOnlySpan<byte> bytes)
    {
        _ = Number(ref bytes);
        return bytes;
    }

    static ulong Number(ref ReadOnlySpan<byte> bytes)
    {
        var (value, shift, index) = (0UL, 0, 0);
        for (; (bytes[index] & 0x80) != 0; index++, shift += 7)
        {
            value |= (ulong)(bytes[index] & 0x7F) << shift;
        }

        value |= (ulong)bytes[index] << shift;
        bytes = bytes[(index + 1)..];
        return value;
    }

    readonly ref struct Field(int number, ReadOnlySpan<byte> content)
    {
        readonly ReadOnlySpan<byte> _content = content;

        public void Deconstruct(out int field, out ReadOnlySpan<byte> bytes)
        {
            field = number;
            bytes = _content;
        }
    }
}
