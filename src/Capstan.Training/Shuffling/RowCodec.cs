using System.Runtime.CompilerServices;
using Capstan.Features;

namespace Capstan.Training;

/// <summary>
/// How a training row lies in a block: label and numeric features as 4-byte floats, then categories in 4, 2 or 1 bytes, whichever
/// their cardinality needs, without gaps. Rows lie one after another, so that a row fetched at random costs one or two cache
/// lines.
/// </summary>
/// <remarks>Little-endian, as every machine .NET runs on; blocks never leave their process.</remarks>
sealed unsafe class RowCodec
{
    readonly int[] _categoryBytes;
    readonly int[] _categoryOffsets;

    public RowCodec(FeatureLayout layout)
    {
        Layout = layout;
        _categoryBytes = [.. layout.Categories.Select(spec => BytesFor(spec.Cardinality))];
        _categoryOffsets = new int[_categoryBytes.Length];
        var offset = sizeof(float) * (1 + layout.Numerics.Length);
        foreach (var index in Enumerable.Range(0, _categoryBytes.Length).OrderByDescending(index => _categoryBytes[index]))
        {
            _categoryOffsets[index] = offset;
            offset += _categoryBytes[index];
        }

        RowBytes = offset;
    }

    public FeatureLayout Layout { get; }

    public int RowBytes { get; }

    /// <summary>Packs rows [start, start + count) of a batch one after another.</summary>
    /// <param name="batch">Its categories are below their cardinality.</param>
    /// <param name="rows">[count × RowBytes], overwritten.</param>
    public void Pack(TrainingBatch batch, int start, int count, byte* rows)
    {
        PackColumn(batch.Labels.Slice(start, count), rows);
        for (var index = 0; index < Layout.Numerics.Length; index++)
        {
            PackColumn(batch.Features.Numeric(index).Slice(start, count), rows + sizeof(float) * (1 + index));
        }

        for (var index = 0; index < _categoryBytes.Length; index++)
        {
            var column = batch.Features.Category(index).Slice(start, count);
            var at = rows + _categoryOffsets[index];
            foreach (var category in column)
            {
                switch (_categoryBytes[index])
                {
                    case 1:
                        *at = (byte)category;
                        break;
                    case 2:
                        Unsafe.WriteUnaligned(at, (ushort)category);
                        break;
                    default:
                        Unsafe.WriteUnaligned(at, category);
                        break;
                }

                at += RowBytes;
            }
        }
    }

    /// <summary>Unpacks rows from anywhere into rows [start, start + rows.Length) of a batch, weights aside.</summary>
    /// <param name="rows">The address of each packed row.</param>
    public void Unpack(ReadOnlySpan<nint> rows, TrainingBatch batch, int start)
    {
        UnpackColumn(rows, 0, batch.Labels.Slice(start, rows.Length));
        for (var index = 0; index < Layout.Numerics.Length; index++)
        {
            UnpackColumn(rows, sizeof(float) * (1 + index), batch.Features.Numeric(index).Slice(start, rows.Length));
        }

        for (var index = 0; index < _categoryBytes.Length; index++)
        {
            var column = batch.Features.Category(index).Slice(start, rows.Length);
            var offset = _categoryOffsets[index];
            switch (_categoryBytes[index])
            {
                case 1:
                    for (var row = 0; row < rows.Length; row++)
                    {
                        column[row] = *((byte*)rows[row] + offset);
                    }

                    break;
                case 2:
                    for (var row = 0; row < rows.Length; row++)
                    {
                        column[row] = Unsafe.ReadUnaligned<ushort>((byte*)rows[row] + offset);
                    }

                    break;
                default:
                    for (var row = 0; row < rows.Length; row++)
                    {
                        column[row] = Unsafe.ReadUnaligned<int>((byte*)rows[row] + offset);
                    }

                    break;
            }
        }
    }

    void PackColumn(ReadOnlySpan<float> column, byte* at)
    {
        foreach (var value in column)
        {
            Unsafe.WriteUnaligned(at, value);
            at += RowBytes;
        }
    }

    static void UnpackColumn(ReadOnlySpan<nint> rows, int offset, Span<float> column)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            column[row] = Unsafe.ReadUnaligned<float>((byte*)rows[row] + offset);
        }
    }

    static int BytesFor(int cardinality) => cardinality <= 1 << 8 ? 1 : cardinality <= 1 << 16 ? 2 : 4;
}
