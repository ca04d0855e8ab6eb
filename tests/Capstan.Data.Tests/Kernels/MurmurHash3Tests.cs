using System.Buffers.Binary;
using System.Text;

namespace Capstan.Data.Tests.Kernels;

public sealed class MurmurHash3Tests
{
    // Vectors of the reference implementation's own users (Wikipedia's table of MurmurHash3_x86_32).
    [Theory]
    [InlineData("", 0u, 0u)]
    [InlineData("", 1u, 0x514E28B7u)]
    [InlineData("test", 0u, 0xba6bd213u)]
    [InlineData("test", 0x9747b28cu, 0x704b81dcu)]
    [InlineData("Hello, world!", 0u, 0xc0363e43u)]
    [InlineData("Hello, world!", 0x9747b28cu, 0x24884CBAu)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x9747b28cu, 0x2FA826CDu)]
    public void Published_vectors_agree(string text, uint seed, uint expected) =>
        Assert.Equal(expected, MurmurHash3.Hash32(Encoding.UTF8.GetBytes(text), seed));

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(1234567890123L)]
    public void An_integer_hashes_as_its_eight_bytes(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Assert.Equal(MurmurHash3.Hash32(bytes, 7), MurmurHash3.Hash32(value, 7));
    }
}
