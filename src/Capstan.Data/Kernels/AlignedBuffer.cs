using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>Numbers that begin on a 64-byte boundary and never move, so that no vector load crosses a cache line.</summary>
public sealed class AlignedBuffer
{
    const int LineBytes = 64;

    readonly float[] _values;
    readonly int _start;

    /// <param name="length">How many numbers; all begin as 0.</param>
    public unsafe AlignedBuffer(int length)
    {
        _values = GC.AllocateArray<float>(checked(length + LineBytes / sizeof(float)), pinned: true);
        var misaligned = (int)((nuint)Unsafe.AsPointer(ref _values[0]) % LineBytes);
        _start = (LineBytes - misaligned) % LineBytes / sizeof(float);
        Length = length;
    }

    public int Length { get; }

    public Span<float> Span => _values.AsSpan(_start, Length);
}
