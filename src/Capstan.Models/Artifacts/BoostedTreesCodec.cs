using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Models;

/// <summary>Boosted trees as CBOR: the ensemble's arrays as little-endian numbers of four or eight bytes.</summary>
static class BoostedTreesCodec
{
    /// <summary>With the number of scores, where there are several, the offset, where there is one, and missing values.</summary>
    public const int MostFields = Fields + 3;

    // In the place of an offset, where only missing values follow.
    const int NoOffset = int.MaxValue;

    const int Fields = 9;

    const int MostBytes = int.MaxValue;

    public static void Write(CborWriter writer, int family, BoostedTreesPredictor predictor)
    {
        var trees = predictor.Trees;
        var width = predictor.Output.Width;
        var offset = predictor.OffsetIndex;
        var isMissable = !trees.MissingValues.IsEmpty;
        var fields = new StateWriter(writer, isMissable ? MostFields : offset is not null ? Fields + 2 : width > 1 ? Fields + 1 : Fields);
        fields.Number(1, family);
        fields.Number(2, (int)predictor.Output.Link);
        fields.Bytes(3, Of(trees.SplitCounts.AsSpan()));
        fields.Bytes(4, Of(MemoryMarshal.Cast<SplitNode, int>(trees.Nodes.AsSpan())));
        fields.Bytes(5, FloatBytes.Of(trees.Gains.AsSpan()));
        fields.Bytes(6, Of(trees.CategorySets.Offsets.AsSpan()));
        fields.Bytes(7, Of(MemoryMarshal.Cast<uint, int>(trees.CategorySets.Words.AsSpan())));
        fields.Words(8, [.. trees.LeafValues.Select(BitConverter.DoubleToUInt64Bits)]);
        fields.Bytes(9, Of(trees.LeafCovers.AsSpan()));
        if (width > 1 || offset is not null || isMissable)
        {
            fields.Number(10, width);
        }

        if (offset is not null || isMissable)
        {
            fields.Number(11, offset ?? NoOffset);
        }

        if (isMissable)
        {
            fields.Bytes(12, FloatBytes.Of(trees.MissingValues.AsSpan()));
        }

        fields.End();
    }

    /// <exception cref="CorruptStateException">A field is missing or of another length.</exception>
    /// <exception cref="ArgumentException">The arrays are no trees over these features.</exception>
    public static BoostedTreesPredictor Read(in StateReader fields, Link link, FeatureLayout features)
    {
        var splitCounts = Read<int>(fields, 3);
        var nodes = Read<SplitNode>(fields, 4);
        var gains = FloatBytes.Read(fields.BytesInPlace(5, MostBytes));
        var sets = new CategorySets(Read<int>(fields, 6), Read<uint>(fields, 7));
        ImmutableArray<double> values = [.. fields.Words(8, MostBytes / 8).Select(BitConverter.UInt64BitsToDouble)];
        var covers = Read<int>(fields, 9);
        var width = fields.FieldCount == Fields ? 1 : (int)fields.Number(10, 1, int.MaxValue);
        var offset = fields.FieldCount >= Fields + 2 ? (int)fields.Number(11, 0, int.MaxValue) : NoOffset;
        var missing = fields.FieldCount == MostFields ? FloatBytes.Read(fields.BytesInPlace(12, MostBytes)) : [];
        var trees = new TreeEnsemble(features, splitCounts, nodes, gains, sets, values, covers, missing);
        return new BoostedTreesPredictor(ModelOutput.Of(link, width), trees, offset == NoOffset ? null : offset);
    }

    static byte[] Of(ReadOnlySpan<int> values)
    {
        var bytes = new byte[checked(values.Length * 4)];
        for (var index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(index * 4), values[index]);
        }

        return bytes;
    }

    /// <summary>Values that consist of whole numbers of four bytes.</summary>
    static ImmutableArray<T> Read<T>(in StateReader fields, int tag)
        where T : unmanaged
    {
        var bytes = fields.Bytes(tag, MostBytes);
        var size = Unsafe.SizeOf<T>();
        fields.Check(bytes.Length % size == 0, $"field {tag} has {bytes.Length:N0} bytes, expected a multiple of {size}");
        var values = new T[bytes.Length / size];
        var numbers = MemoryMarshal.Cast<T, int>(values.AsSpan());
        for (var index = 0; index < numbers.Length; index++)
        {
            numbers[index] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(index * 4));
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
