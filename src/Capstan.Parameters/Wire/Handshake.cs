using System.Security.Cryptography;
using System.Text;

namespace Capstan.Parameters;

/// <summary>
/// Both ends prove that they know the token, without sending it: each answers a random challenge of the other's with an
/// HMAC-SHA256 of both challenges, in its own role, so that neither answer can be played back as the other. 40 bytes, 64, then
/// 32.
/// </summary>
static class Handshake
{
    const int NonceBytes = 32;

    static ReadOnlySpan<byte> Greeting => "CAPSTAN2"u8;

    /// <returns>False if the other end does not know the token, or speaks something else.</returns>
    public static bool Accept(Stream stream, string token)
    {
        Span<byte> hello = stackalloc byte[Greeting.Length + NonceBytes];
        Greeting.CopyTo(hello);
        var own = hello[Greeting.Length..];
        RandomNumberGenerator.Fill(own);
        stream.Write(hello);
        stream.Flush();
        Span<byte> answer = stackalloc byte[NonceBytes + HMACSHA256.HashSizeInBytes];
        stream.ReadExactly(answer);
        var theirs = answer[..NonceBytes];
        Span<byte> proof = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Prove("client"u8, own, theirs, token, proof);
        if (!CryptographicOperations.FixedTimeEquals(proof, answer[NonceBytes..]))
        {
            return false;
        }

        Prove("server"u8, own, theirs, token, proof);
        stream.Write(proof);
        stream.Flush();
        return true;
    }

    /// <returns>False if the other end does not know the token, or speaks something else.</returns>
    public static bool Offer(Stream stream, string token)
    {
        Span<byte> hello = stackalloc byte[Greeting.Length + NonceBytes];
        stream.ReadExactly(hello);
        if (!hello[..Greeting.Length].SequenceEqual(Greeting))
        {
            return false;
        }

        var theirs = hello[Greeting.Length..];
        Span<byte> answer = stackalloc byte[NonceBytes + HMACSHA256.HashSizeInBytes];
        RandomNumberGenerator.Fill(answer[..NonceBytes]);
        Prove("client"u8, theirs, answer[..NonceBytes], token, answer[NonceBytes..]);
        stream.Write(answer);
        stream.Flush();
        Span<byte> found = stackalloc byte[HMACSHA256.HashSizeInBytes];
        stream.ReadExactly(found);
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Prove("server"u8, theirs, answer[..NonceBytes], token, expected);
        return CryptographicOperations.FixedTimeEquals(expected, found);
    }

    static void Prove(ReadOnlySpan<byte> role, ReadOnlySpan<byte> server, ReadOnlySpan<byte> client, string token, Span<byte> proof)
    {
        Span<byte> message = stackalloc byte[role.Length + 2 * NonceBytes];
        role.CopyTo(message);
        server.CopyTo(message[role.Length..]);
        client.CopyTo(message[(role.Length + NonceBytes)..]);
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), message, proof);
    }
}
