using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.Data;

/// <summary>Writes trips as CSV, in whole megabytes and without allocating per row.</summary>
sealed class TripCsv(TripGenerator trips, Schema schema)
{
    const int BufferBytes = 1 << 20;

    /// <summary>No row is longer.</summary>
    const int MostRowBytes = 256;

    readonly byte[] _buffer = new byte[BufferBytes];
    int _length;

    // "2024-01-01 " for every day.
    static readonly byte[][] Days =
    [
        .. Enumerable.Range(0, TripCity.Weeks * 7).Select(day => Encoding.ASCII.GetBytes(
            Timestamps.ToDateTime(TripCity.FirstDay + day * Timestamps.MicrosecondsPerDay)
                .ToString("yyyy-MM-dd ", CultureInfo.InvariantCulture))),
    ];

    public async Task WriteAsync(string path, long rowCount, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using var file = new AsideFile(path);
        Append(Encoding.ASCII.GetBytes(string.Join(',', schema.Names)));
        Append((byte)'\n');
        for (var row = 0L; row < rowCount || _length > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            row = Fill(row, rowCount);
            file.Buffer.Write(_buffer.AsSpan(0, _length));
            _length = 0;
            await file.FlushWhenFullAsync(cancellationToken);
            progress?.Report(row);
        }

        await file.CompleteAsync(cancellationToken);
    }

    /// <summary>Fills the buffer with rows; returns the first row that did not fit.</summary>
    long Fill(long row, long rowCount)
    {
        while (row < rowCount && _length <= BufferBytes - MostRowBytes)
        {
            AppendRow(trips.At(row++));
        }

        return row;
    }

    void AppendRow(in Trip trip)
    {
        Append(Days[trip.Day]);
        AppendTwoDigits(trip.Second / 3600, ':');
        AppendTwoDigits(trip.Second / 60 % 60, ':');
        AppendTwoDigits(trip.Second % 60, ',');
        AppendMillionths(trip.PickupLongitude);
        AppendMillionths(trip.PickupLatitude);
        AppendMillionths(trip.DropoffLongitude);
        AppendMillionths(trip.DropoffLatitude);
        AppendWhole(trip.Passengers, trip.HasPassengers);
        AppendText(trip.HasPayment ? TripCity.Payments[trip.Payment] : []);
        AppendText(TripCity.Vendors[trip.Vendor]);
        AppendHundredths(trip.Distance, trip.HasDistance, ',');
        AppendWhole(trip.Seconds, isPresent: true);
        AppendHundredths(trip.FareCents, isPresent: true, '\n');
    }

    void AppendText(ReadOnlySpan<byte> text)
    {
        Append(text);
        Append((byte)',');
    }

    void AppendWhole(int value, bool isPresent)
    {
        if (isPresent)
        {
            AppendNumber((uint)value);
        }

        Append((byte)',');
    }

    void AppendHundredths(int value, bool isPresent, char end)
    {
        if (isPresent)
        {
            AppendNumber((uint)value / 100);
            Append((byte)'.');
            AppendTwoDigits(value % 100, end);
        }
        else
        {
            Append((byte)end);
        }
    }

    void AppendMillionths(int value)
    {
        var magnitude = (uint)Math.Abs(value);
        if (value < 0)
        {
            Append((byte)'-');
        }

        AppendNumber(magnitude / 1_000_000);
        Append((byte)'.');
        var rest = magnitude % 1_000_000;
        for (var place = 5; place >= 0; place--)
        {
            _buffer[_length + place] = (byte)('0' + rest % 10);
            rest /= 10;
        }

        _length += 6;
        Append((byte)',');
    }

    void AppendNumber(uint value)
    {
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written);
        _length += written;
    }

    void AppendTwoDigits(int value, char end)
    {
        _buffer[_length] = (byte)('0' + value / 10);
        _buffer[_length + 1] = (byte)('0' + value % 10);
        _buffer[_length + 2] = (byte)end;
        _length += 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Append(byte value) => _buffer[_length++] = value;

    void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}
