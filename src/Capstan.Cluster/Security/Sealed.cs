using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Capstan.Cluster;

/// <summary>A message that only the two ends of one handshake can read or make: length, nonce, tag, AES-256-GCM.</summary>
static class Sealed
{
    const int Nonce = 12;
    const int Tag = 16;

    /// <summary>Longer ones are refused before anything is allocated.</summary>
    public const int LongestMessage = 1 << 20;

    public const int LengthBytes = 4;

    public static byte[] Close(ReadOnlySpan<byte> message, byte[] key)
    {
        var bytes = new byte[LengthBytes + Nonce + Tag + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - LengthBytes);
        RandomNumberGenerator.Fill(bytes.AsSpan(LengthBytes, Nonce));
        using var cipher = new AesGcm(key, Tag);
        cipher.Encrypt(
            bytes.AsSpan(LengthBytes, Nonce), message, bytes.AsSpan(LengthBytes + Nonce + Tag), bytes.AsSpan(LengthBytes + Nonce, Tag));
        return bytes;
    }

    /// <param name="body">What follows the length.</param>
    /// <returns>Null where it was not made with this key.</returns>
    public static byte[]? Open(ReadOnlySpan<byte> body, byte[] key)
    {
        if (body.Length < Nonce + Tag)
        {
            return null;
        }

        var message = new byte[body.Length - Nonce - Tag];
        try
        {
            using var cipher = new AesGcm(key, Tag);
            cipher.Decrypt(body[..Nonce], body[(Nonce + Tag)..], body.Slice(Nonce, Tag), message);
            return message;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
