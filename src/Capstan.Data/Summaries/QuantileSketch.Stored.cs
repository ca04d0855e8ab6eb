using System.Formats.Cbor;

namespace Capstan.Data;

// The stored form. Tags are never used again.
public sealed partial class QuantileSketch
{
    public void WriteTo(CborWriter writer)
    {
        // Tags 1 and 5 were version 1's size and shape.
        var fields = new StateWriter(writer, 8, version: 2);
        fields.Number(2, Count);
        fields.Double(3, Min);
        fields.Double(4, Max);
        fields.Words(6, [.. _levels.SelectMany(level => level.Values.Order()).Select(BitConverter.DoubleToUInt64Bits)]);
        fields.Double(7, _limit);
        fields.Number(8, _raised);
        fields.Number(9, _lowered);
        fields.Words(10, [.. _levels.Select(level => (ulong)level.Count)]);
        fields.End();
    }

    public static QuantileSketch ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(QuantileSketch), 6, 8, newest: 2);
        return fields.Version == 1 ? ReadVersion1(fields) : ReadVersion2(fields);
    }

    /// <summary>
    /// Version 1 kept compactions by level but not their offsets: all count for both sides, and the limit is what that makes.
    /// </summary>
    static QuantileSketch ReadVersion1(StateReader fields)
    {
        fields.Number(1, 24, 1 << 16);
        var (count, min, max) = (fields.Count(2), fields.Finite(3), fields.Finite(4));
        var shape = fields.Words(5, 2 * MostLevels);
        var values = fields.Words(6, MostStoredValues);
        fields.End();
        fields.Check(shape.Length % 2 == 0, $"it has {shape.Length} level sizes, expected pairs");
        var cost = UInt128.Zero;
        for (var index = 0; index < shape.Length; index += 2)
        {
            cost += (UInt128)shape[index] << index / 2;
        }

        fields.Check(cost <= (UInt128)count, $"its compactions can have cost {cost} ranks of {count}");
        var limit = Math.Max(DefaultRankErrorLimit, count == 0 ? 0 : (double)cost / count);
        var sketch = new QuantileSketch(limit, count) { _raised = (long)cost, _lowered = (long)cost };
        sketch.ReadLevels(fields, [.. shape.Where((_, index) => index % 2 == 1)], values, min, max);
        return sketch;
    }

    static QuantileSketch ReadVersion2(StateReader fields)
    {
        var (count, min, max) = (fields.Count(2), fields.Finite(3), fields.Finite(4));
        var values = fields.Words(6, MostStoredValues);
        var limit = fields.Finite(7);
        fields.Check(limit is >= SmallestLimit and <= 1, $"its limit is {limit}, expected {SmallestLimit} to 1");
        var sketch = new QuantileSketch(limit, count) { _raised = fields.Count(8, count), _lowered = fields.Count(9, count) };
        var counts = fields.Words(10, MostLevels);
        fields.End();
        sketch.ReadLevels(fields, counts, values, min, max);
        return sketch;
    }

    void ReadLevels(StateReader fields, ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> values, double min, double max)
    {
        fields.Check(counts.Length > 0, "it has no levels");
        _levels.Clear();
        var (start, weighed) = (0, UInt128.Zero);
        for (var index = 0; index < counts.Length; index++)
        {
            fields.Check(counts[index] <= (ulong)(values.Length - start), $"level {index} claims {counts[index]} values");
            _levels.Add(new SketchLevel(values.Slice(start, (int)counts[index])));
            start += (int)counts[index];
            weighed += (UInt128)counts[index] << index;
            fields.Check(_levels[index].IsWithin(min, max),
                $"the values of level {index} are not sorted numbers from {min} to {max}");
        }

        fields.Check(start == values.Length && weighed == (UInt128)Count,
            $"its levels stand for {weighed} values, expected {Count}");
        (_min, _max) = Count > 0 ? (min, max) : (_min, _max);
    }
}
