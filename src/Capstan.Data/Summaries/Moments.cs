using System.Formats.Cbor;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>Count, mean, variance, minimum and maximum of numbers.</summary>
/// <remarks>
/// NaN and infinities are not observed. The sum of squared deviations saturates at the largest double, so from about
/// |value| > 1e154 on the variance is a lower bound; no result is ever NaN or infinite.
/// Merging any split agrees with one pass within a relative 1e-14 × √(1 + mean² / variance); the same spans in the same order
/// give the same bits on every machine.
/// Source: Welford 1962 (one value); Chan, Golub, LeVeque 1983, eq. 2.1 (merging). A span is summed in blocks of two passes.
/// </remarks>
public sealed class Moments : IMergeable<Moments>, IStoredState<Moments>
{
    const int Block = 512;

    double _squares;
    double _min = double.PositiveInfinity;
    double _max = double.NegativeInfinity;

    public static Moments Empty => new();

    public long Count { get; private set; }

    /// <summary>0 where nothing was observed.</summary>
    public double Mean { get; private set; }

    /// <summary>Biased (divided by Count), as tf.Transform's; 0 where nothing was observed.</summary>
    public double Variance => Count == 0 ? 0 : _squares / Count;

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>0 where nothing was observed.</summary>
    public double Min => Count == 0 ? 0 : _min;

    /// <summary>0 where nothing was observed.</summary>
    public double Max => Count == 0 ? 0 : _max;

    public static Moments Of(ReadOnlySpan<double> values)
    {
        var moments = new Moments();
        moments.Observe(values);
        return moments;
    }

    public void Observe(double value)
    {
        if (double.IsFinite(value))
        {
            Combine(1, value, 0, value, value);
        }
    }

    public void Observe(ReadOnlySpan<double> values)
    {
        while (values.Length > 0)
        {
            var block = values[..Math.Min(Block, values.Length)];
            values = values[block.Length..];
            if (!ObserveBlock(block))
            {
                foreach (var value in block)
                {
                    Observe(value);
                }
            }
        }
    }

    public Moments Merge(Moments other)
    {
        var merged = new Moments { Count = Count, Mean = Mean, _squares = _squares, _min = _min, _max = _max };
        // The larger side first, ties by value, so that merging commutes to the bit.
        if ((other.Count, other.Mean, other._squares).CompareTo((Count, Mean, _squares)) > 0)
        {
            return other.Merge(this);
        }

        if (other.Count > 0)
        {
            merged.Combine(other.Count, other.Mean, other._squares, other._min, other._max);
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 5);
        fields.Number(1, Count);
        fields.Double(2, Mean);
        fields.Double(3, _squares);
        fields.Double(4, Min);
        fields.Double(5, Max);
        fields.End();
    }

    public static Moments ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(Moments), 5);
        var moments = new Moments { Count = fields.Count(1), Mean = fields.Finite(2), _squares = fields.Finite(3) };
        var (min, max) = (fields.Finite(4), fields.Finite(5));
        fields.Check(min <= max && moments._squares >= 0, $"it claims minimum {min}, maximum {max}, squares {moments._squares}");
        if (moments.Count > 0)
        {
            (moments._min, moments._max) = (min, max);
        }

        fields.End();
        return moments;
    }

    /// <summary>
    /// Eight lanes, so that the order of additions does not depend on the processor. False, and nothing changed, where a sum is
    /// not finite.
    /// </summary>
    bool ObserveBlock(ReadOnlySpan<double> block)
    {
        Vector256<double> lowSum = default, highSum = default;
        var (min, max) = (Vector256.Create(double.PositiveInfinity), Vector256.Create(double.NegativeInfinity));
        var whole = block.Length & ~7;
        for (var index = 0; index < whole; index += 8)
        {
            var low = Vector256.Create(block[index..]);
            var high = Vector256.Create(block[(index + 4)..]);
            lowSum += low;
            highSum += high;
            min = Vector256.Min(min, Vector256.Min(low, high));
            max = Vector256.Max(max, Vector256.Max(low, high));
        }

        var sum = SumOf(lowSum + highSum);
        var (least, most) = (LeastOf(min), -LeastOf(-max));
        foreach (var value in block[whole..])
        {
            sum += value;
            least = Math.Min(least, value);
            most = Math.Max(most, value);
        }

        var mean = sum / block.Length;
        var center = Vector256.Create(mean);
        Vector256<double> lowSquares = default, highSquares = default;
        for (var index = 0; index < whole; index += 8)
        {
            var low = Vector256.Create(block[index..]) - center;
            var high = Vector256.Create(block[(index + 4)..]) - center;
            lowSquares += low * low;
            highSquares += high * high;
        }

        var squares = SumOf(lowSquares + highSquares);
        foreach (var value in block[whole..])
        {
            squares += (value - mean) * (value - mean);
        }

        // NaN or an infinity among the values, or too large a sum, shows in the sums.
        if (!double.IsFinite(sum) || !double.IsFinite(squares))
        {
            return false;
        }

        Combine(block.Length, mean, squares, least, most);
        return true;
    }

    void Combine(long count, double mean, double squares, double min, double max)
    {
        var total = Count + count;
        var share = (double)count / total;
        var delta = mean - Mean;
        if (Count == 0)
        {
            (Mean, _squares) = (mean, squares);
        }
        else
        {
            // A difference of two huge numbers of opposite sign overflows where their weighted mean does not.
            Mean = double.IsFinite(delta) ? Mean + delta * share : Mean * (1 - share) + mean * share;
            _squares = Math.Min(double.MaxValue, _squares + squares + delta * (delta * share) * Count);
        }

        Count = total;
        // Adding 0 turns −0 into 0, so that equal numbers are stored as equal bytes.
        _min = Math.Min(_min, min) + 0.0;
        _max = Math.Max(_max, max) + 0.0;
    }

    static double SumOf(Vector256<double> lanes) => (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);

    static double LeastOf(Vector256<double> lanes) => Math.Min(Math.Min(lanes[0], lanes[1]), Math.Min(lanes[2], lanes[3]));
}
