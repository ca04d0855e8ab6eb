using System.Buffers;
using System.Collections.Immutable;

namespace Capstan.Data;

/// <summary>Where a column of a row group lies in the file.</summary>
readonly record struct ParquetChunkPlace(long Offset, long Bytes, long UncompressedBytes, long RowCount, long ValueCount);

/// <summary>What a Parquet file says of itself at its end (FileMetaData of parquet.thrift, whose numbers these are).</summary>
static class ParquetFooter
{
    public const int Plain = 0;
    public const int Rle = 3;
    const int Gzip = 2;
    const int Required = 0;
    const int Optional = 1;
    const int Repeated = 2;
    const int Utf8 = 0;
    const int List = 3;

    public static void Write(
        IBufferWriter<byte> target, IReadOnlyList<ParquetChunk> columns, IReadOnlyList<ImmutableArray<ParquetChunkPlace>> groups)
    {
        var writer = new ThriftWriter(target);
        writer.BeginStructureElement();
        writer.WriteInt32(1, 1);
        // A list's group, the repeated group in it, and the element in that.
        writer.BeginStructureList(2, columns.Sum(column => column.Field.Type == DataType.TextList ? 3 : 1) + 1);
        writer.BeginStructureElement();
        writer.WriteText(4, "schema");
        writer.WriteInt32(5, columns.Count);
        writer.EndStructure();
        foreach (var column in columns)
        {
            WriteColumn(writer, column);
        }

        writer.WriteInt64(3, groups.Sum(RowsOf));
        writer.BeginStructureList(4, groups.Count);
        foreach (var group in groups)
        {
            WriteGroup(writer, columns, group);
        }

        writer.WriteText(6, "capstan");
        writer.EndStructure();
    }

    static void WriteColumn(ThriftWriter writer, ParquetChunk column)
    {
        if (column.Field.Type == DataType.TextList)
        {
            WriteNode(writer, column.Field.Name, Optional, List);
            WriteNode(writer, "list", Repeated, null);
            WriteLeaf(writer, column, "element", Required, DataType.Text);
        }
        else
        {
            WriteLeaf(writer, column, column.Field.Name, Optional, column.Field.Type);
        }
    }

    /// <summary>A group of one.</summary>
    static void WriteNode(ThriftWriter writer, string name, int repetition, int? logicalType)
    {
        writer.BeginStructureElement();
        writer.WriteInt32(3, repetition);
        writer.WriteText(4, name);
        writer.WriteInt32(5, 1);
        if (logicalType is { } type)
        {
            writer.WriteInt32(6, type);
            writer.BeginStructure(10);
            writer.BeginStructure(type);
            writer.EndStructure();
            writer.EndStructure();
        }

        writer.EndStructure();
    }

    static void WriteLeaf(ThriftWriter writer, ParquetChunk column, string name, int repetition, DataType type)
    {
        writer.BeginStructureElement();
        writer.WriteInt32(1, (int)column.PhysicalType);
        writer.WriteInt32(3, repetition);
        writer.WriteText(4, name);
        if (type == DataType.Text)
        {
            writer.WriteInt32(6, Utf8);
            writer.BeginStructure(10);
            writer.BeginStructure(1);
            writer.EndStructure();
            writer.EndStructure();
        }
        else if (type == DataType.Timestamp)
        {
            // Microseconds of a wall clock. The older converted type would say "in UTC", which they are not.
            writer.BeginStructure(10);
            writer.BeginStructure(8);
            writer.WriteBoolean(1, false);
            writer.BeginStructure(2);
            writer.BeginStructure(2);
            writer.EndStructure();
            writer.EndStructure();
            writer.EndStructure();
            writer.EndStructure();
        }

        writer.EndStructure();
    }

    static void WriteGroup(ThriftWriter writer, IReadOnlyList<ParquetChunk> columns, ImmutableArray<ParquetChunkPlace> places)
    {
        writer.BeginStructureElement();
        writer.BeginStructureList(1, columns.Count);
        for (var index = 0; index < columns.Count; index++)
        {
            var place = places[index];
            writer.BeginStructureElement();
            writer.WriteInt64(2, place.Offset);
            writer.BeginStructure(3);
            writer.WriteInt32(1, (int)columns[index].PhysicalType);
            writer.BeginInt32List(2, 2);
            writer.WriteInt32Element(Plain);
            writer.WriteInt32Element(Rle);
            string[] path = columns[index].Field is { Type: DataType.TextList, Name: var list } ? [list, "list", "element"]
                : [columns[index].Field.Name];
            writer.BeginTextList(3, path.Length);
            foreach (var part in path)
            {
                writer.WriteTextElement(part);
            }

            writer.WriteInt32(4, Gzip);
            writer.WriteInt64(5, place.ValueCount);
            writer.WriteInt64(6, place.UncompressedBytes);
            writer.WriteInt64(7, place.Bytes);
            writer.WriteInt64(9, place.Offset);
            writer.EndStructure();
            writer.EndStructure();
        }

        writer.WriteInt64(2, places.Sum(place => place.UncompressedBytes));
        writer.WriteInt64(3, RowsOf(places));
        writer.EndStructure();
    }

    static long RowsOf(ImmutableArray<ParquetChunkPlace> group) => group.IsEmpty ? 0 : group[0].RowCount;
}
