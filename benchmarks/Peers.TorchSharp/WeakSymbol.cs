using System.Buffers.Binary;
using System.Text;

namespace Capstan.Benchmarks.Peers;

/// <summary>
/// Lets a shared library load beside an older C++ runtime than it was linked against, when all it wants of the newer one is a
/// symbol that it never calls: the symbol becomes weak and versionless, and the version's absence is no error any more.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's native library wants GLIBCXX_3.4.32 (GCC 13) for <c>std::ios_base_library_init</c>, a mark without code;
/// Debian 12 has 3.4.30. Source of the structures: System V ABI, gABI chapter 4; Linux Standard Base 5.0, "Symbol versioning".
/// </remarks>
static class WeakSymbol
{
    const uint DynamicSymbols = 11;
    const uint SymbolVersions = 0x6fffffff;
    const uint NeededVersions = 0x6ffffffe;
    const int SymbolSize = 24;
    const byte WeakBinding = 2;
    const ushort GlobalVersion = 1;
    const ushort WeakVersion = 2;

    /// <summary>Edits the file, aside and then renamed; leaves it alone if it is like that already.</summary>
    /// <returns>Whether it was edited.</returns>
    public static bool Weaken(string path, string symbol, string version)
    {
        var before = File.ReadAllBytes(path);
        var file = before.ToArray();
        var symbols = SectionOf(file, DynamicSymbols);
        var names = Section(file, symbols.Link);
        var versions = SectionOf(file, SymbolVersions);
        for (var index = 0; index < symbols.Size / SymbolSize; index++)
        {
            var entry = file.AsSpan(symbols.Offset + index * SymbolSize);
            if (NameAt(file, names.Offset + BinaryPrimitives.ReadInt32LittleEndian(entry)) == symbol)
            {
                entry[4] = (byte)(WeakBinding << 4 | entry[4] & 0xf);
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(versions.Offset + index * 2), GlobalVersion);
            }
        }

        MarkVersion(file, version);
        if (before.AsSpan().SequenceEqual(file))
        {
            return false;
        }

        File.WriteAllBytes(path + ".edited", file);
        File.Move(path + ".edited", path, overwrite: true);
        return true;
    }

    static void MarkVersion(byte[] file, string version)
    {
        var needed = SectionOf(file, NeededVersions);
        var names = Section(file, needed.Link);
        for (var library = needed.Offset; ;)
        {
            var count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(library + 2));
            var entry = library + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(library + 8));
            for (var index = 0; index < count; index++)
            {
                if (NameAt(file, names.Offset + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(entry + 8))) == version)
                {
                    file[entry + 4] |= (byte)WeakVersion;
                }

                entry += BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(entry + 12));
            }

            var next = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(library + 12));
            if (next == 0)
            {
                return;
            }

            library += next;
        }
    }

    static (int Offset, int Size, int Link) SectionOf(byte[] file, uint type)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x3c));
        for (var index = 0; index < count; index++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(Header(file, index) + 4)) == type)
            {
                return Section(file, index);
            }
        }

        throw new InvalidDataException(
            $"The library has no section of type 0x{type:x}; a 64-bit little-endian ELF file was expected.");
    }

    static (int Offset, int Size, int Link) Section(byte[] file, int index)
    {
        var header = file.AsSpan(Header(file, index));
        return (
            (int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..]),
            (int)BinaryPrimitives.ReadInt64LittleEndian(header[0x20..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[0x28..]));
    }

    static int Header(byte[] file, int index) =>
        (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(0x28))
        + index * BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x3a));

    static string NameAt(byte[] file, int offset) =>
        Encoding.ASCII.GetString(file.AsSpan(offset, file.AsSpan(offset).IndexOf((byte)0)));
}
