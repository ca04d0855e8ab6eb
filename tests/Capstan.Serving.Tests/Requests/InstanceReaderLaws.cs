using System.Buffers;
using Capstan.Data;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Requests;

public sealed class InstanceReaderLaws
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_the_writer_writes_the_reader_reads_to_the_same_bits(int seed)
    {
        var reader = new InstanceReader(TripModel.TripInputs, new FieldPaths(TripModel.TripInputs.Names));
        var random = new Random(seed);
        foreach (var count in new[] { 0, 1, 63, 64, 65, 300 })
        {
            var rows = RandomRows(random, count);
            var body = new ArrayBufferWriter<byte>();
            InstanceWriter.Write(rows, 0, count, body);
            reader.Read(body.WrittenSpan);
            Assert.Equal(count, reader.Batch.RowCount);
            foreach (var (wrote, read) in rows.Columns.Zip(reader.Batch.Columns))
            {
                Assert.Equal(Bits(wrote), Bits(read));
            }
        }
    }

    static IEnumerable<object?> Bits(Column column) => Enumerable.Range(0, column.Length)
        .Select(row => column.Type == DataType.Float64 && column.IsPresent(row)
            ? BitConverter.DoubleToInt64Bits(column.Float64s[row])
            : column.Type == DataType.Timestamp && column.IsPresent(row) ? column.Int64s[row] : column.ValueAt(row));

    static ColumnBatch RandomRows(Random random, int count)
    {
        var builder = new BatchBuilder(TripModel.TripInputs);
        for (var row = 0; row < count; row++)
        {
            foreach (var column in builder.Columns)
            {
                AppendRandom(random, column);
            }
        }

        return builder.Batch;
    }

    static void AppendRandom(Random random, ColumnBuilder column)
    {
        if (random.Next(10) == 0)
        {
            column.AppendMissing();
            return;
        }

        switch (column.Type)
        {
            case DataType.Float64:
                // Any bit pattern: tiny, huge, negative zero; the builder makes NaN and infinities missing.
                column.Append(BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)));
                break;
            case DataType.Int64:
                column.Append(random.NextInt64(long.MinValue, long.MaxValue));
                break;
            case DataType.Boolean:
                column.Append(random.Next(2) == 0);
                break;
            case DataType.Timestamp:
                column.Append(random.NextInt64(Timestamps.MinValue, Timestamps.MaxValue));
                break;
            default:
                column.Append(string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Letters[random.Next(Letters.Length)])));
                break;
        }
    }

    static readonly string[] Letters = ["a", "Ω", "漢", "🚕", "\"", "\\", "\n", "\0", "<", "'", "\u2028", "é"];
}
