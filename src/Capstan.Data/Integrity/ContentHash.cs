using System.Security.Cryptography;

namespace Capstan.Data;

/// <summary>The SHA-256 of some content, as 64 lowercase hexadecimal digits. Equal hashes: equal content.</summary>
public readonly record struct ContentHash
{
    readonly string? _hex;

    /// <exception cref="FormatException">The text is not 64 lowercase hexadecimal digits.</exception>
    public ContentHash(string hex) => _hex = hex.Length == 64 && hex.All(char.IsAsciiHexDigitLower)
        ? hex
        : throw new FormatException($"'{hex}' is not a content hash: expected 64 lowercase hexadecimal digits.");

    public static ContentHash Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>The first 12 digits: enough for people to tell versions apart.</summary>
    public string Short => ToString()[..12];

    public override string ToString() => _hex ?? new string('0', 64);
}
