using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Capstan.Data.DuckDb;

namespace Capstan.Cluster;

/// <summary>
/// What follows the answer in a part's file: the rows left out as JSON, its length, the number of rows read, and the SHA-256 of all before,
/// by which a reader knows that the file is whole.
/// </summary>
static class PartEnd
{
    const int NumberBytes = sizeof(int) + sizeof(long);

    /// <param name="file">At the end of the answer; readable, too.</param>
    public static void Write(FileStream file, long rows, BadRowReport leftOut)
    {
        var report = JsonSerializer.SerializeToUtf8Bytes(leftOut);
        Span<byte> numbers = stackalloc byte[NumberBytes];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, report.Length);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[sizeof(int)..], rows);
        file.Write(report);
        file.Write(numbers);
        file.Position = 0;
        // Not forced to the disk: what a machine that loses its power has not written is found by the hash, and done again.
        file.Write(SHA256.HashData(file));
        file.Flush();
    }

    /// <summary>Checks a file, and leaves it at the beginning of the answer.</summary>
    /// <returns>Null: it is damaged, or not whole.</returns>
    public static (long Rows, BadRowReport LeftOut)? Find(FileStream file)
    {
        var end = file.Length - SHA256.HashSizeInBytes;
        if (end < NumberBytes || !IsWhole(file, end))
        {
            return null;
        }

        Span<byte> numbers = stackalloc byte[NumberBytes];
        file.Position = end - NumberBytes;
        file.ReadExactly(numbers);
        var length = BinaryPrimitives.ReadInt32LittleEndian(numbers);
        if (length < 0 || length > end - NumberBytes)
        {
            return null;
        }

        var report = new byte[length];
        file.Position = end - NumberBytes - length;
        file.ReadExactly(report);
        file.Position = 0;
        return (BinaryPrimitives.ReadInt64LittleEndian(numbers[sizeof(int)..]), JsonSerializer.Deserialize<BadRowReport>(report)!); // written above
    }

    static bool IsWhole(FileStream file, long end)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        file.Position = 0;
        for (var left = end; left > 0;)
        {
            var count = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
            {
                return false;
            }

            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        file.ReadExactly(stored);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(stored);
    }
}
