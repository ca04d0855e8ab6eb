using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Data;

/// <summary>A hash of columns' names, types and all values: what names the content of rows in memory.</summary>
static class RowDigest
{
    /// <param name="batches">Each is done with before the next is asked for.</param>
    public static ContentHash Of(Schema schema, IEnumerable<ColumnBatch> batches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(schema.ToString()));
        foreach (var column in batches.SelectMany(batch => batch.Columns))
        {
            Append(hash, column);
        }

        return new ContentHash(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    static void Append(IncrementalHash hash, Column column)
    {
        hash.AppendData(MemoryMarshal.AsBytes(column.Validity));
        hash.AppendData(column.Type switch
        {
            DataType.Float64 => MemoryMarshal.AsBytes(column.Float64s),
            DataType.Boolean => MemoryMarshal.AsBytes(column.Booleans),
            DataType.Text => MemoryMarshal.AsBytes(column.TextOffsets),
            DataType.TextList => MemoryMarshal.AsBytes(column.ListOffsets),
            _ => MemoryMarshal.AsBytes(column.Int64s),
        });
        hash.AppendData(column.Type == DataType.Text ? column.TextBytes : []);
        if (column.Type == DataType.TextList)
        {
            Append(hash, column.Items);
        }
    }
}
