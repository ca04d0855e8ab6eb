using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace Capstan.Data.DuckDb;

/// <summary>One column of a chunk in DuckDB's memory: values, and a bitmap of the present ones (none: all are).</summary>
unsafe readonly ref struct DuckDbVector
{
    readonly nint _vector;
    readonly void* _data;
    readonly ulong* _validity;
    readonly int _rowCount;

    public DuckDbVector(nint vector, int rowCount)
    {
        (_vector, _rowCount) = (vector, rowCount);
        _data = NativeMethods.Vectors.DuckDBVectorGetData(vector);
        _validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
    }

    public bool HasMissing => _validity is not null;

    public bool IsPresent(int row) => _validity is null || (_validity[row >> 6] >> (row & 63) & 1) != 0;

    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged => new(_data, _rowCount);

    /// <summary>Of a LIST, the items of all rows.</summary>
    public DuckDbVector Items => new(
        NativeMethods.Vectors.DuckDBListVectorGetChild(_vector),
        checked((int)NativeMethods.Vectors.DuckDBListVectorGetSize(_vector)));

    /// <summary>Of a LIST, where the row's items lie among <see cref="Items"/>.</summary>
    public Range ItemsAt(int row)
    {
        var slot = Values<ListSlot>()[row];
        return checked((int)slot.Start..(int)(slot.Start + slot.Length));
    }

    /// <summary>The UTF-8 bytes of a VARCHAR; valid as long as the chunk.</summary>
    public ReadOnlySpan<byte> TextAt(int row)
    {
        var text = (TextSlot*)_data + row;
        return text->Length <= TextSlot.MaxInline
            ? new ReadOnlySpan<byte>((byte*)text + TextSlot.InlineOffset, text->Length)
            : new ReadOnlySpan<byte>(text->Bytes, text->Length);
    }

    /// <summary>duckdb_list_entry.</summary>
    [StructLayout(LayoutKind.Sequential)]
    readonly struct ListSlot
    {
        public readonly ulong Start;
        public readonly ulong Length;
    }

    /// <summary>duckdb_string_t: up to 12 bytes lie inside, longer ones have a 4-byte prefix and a pointer.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    struct TextSlot
    {
        public const int MaxInline = 12;
        public const int InlineOffset = 4;

        [FieldOffset(0)]
        public int Length;

        [FieldOffset(8)]
        public byte* Bytes;
    }
}
