using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>Means and covariances of the numbers in a row: of rows in which all of them are there.</summary>
/// <remarks>
/// A row with a number that is missing, not finite or beyond ±1e140 is not observed, so that no sum ever overflows. Merging
/// commutes to the bit and agrees with one pass within the rounding of sums. Source: Welford 1962 (one row), Chan, Golub, LeVeque
/// 1983 (merging), for each pair of numbers.
/// </remarks>
public sealed class Covariance : IMergeable<Covariance>, IStoredState<Covariance>
{
    public const int MaxWidth = 64;

    internal const double Largest = 1e140;

    double[] _means = [];

    // [width × width], row-major: sums of products of deviations; the triangle from the diagonal on.
    double[] _products = [];

    /// <summary>Of no rows, and of any width: that of the first row.</summary>
    public static Covariance Empty => new();

    public long Count { get; private set; }

    /// <summary>How many numbers a row has; 0 before the first.</summary>
    public int Width => _means.Length;

    /// <summary>[Width]</summary>
    public ReadOnlySpan<double> Means => _means;

    /// <summary>Biased (divided by Count), as tf.Transform's; 0 where nothing was observed.</summary>
    public double this[int left, int right] =>
        Count == 0 ? 0 : _products[Math.Min(left, right) * Width + Math.Max(left, right)] / Count;

    /// <param name="row">[Width], 1 to <see cref="MaxWidth"/> numbers, as many as in every other row.</param>
    public void Observe(ReadOnlySpan<double> row)
    {
        if (row.Length is 0 or > MaxWidth || (Count > 0 && row.Length != Width))
        {
            throw new ArgumentException(
                $"A row has {row.Length} numbers, expected {(Count > 0 ? $"{Width}" : $"1 to {MaxWidth}")}.", nameof(row));
        }

        foreach (var number in row)
        {
            if (!(Math.Abs(number) <= Largest))
            {
                return;
            }
        }

        if (Count == 0)
        {
            (_means, _products) = (new double[row.Length], new double[row.Length * row.Length]);
        }

        Count++;
        Span<double> deviations = stackalloc double[row.Length];
        for (var index = 0; index < row.Length; index++)
        {
            deviations[index] = row[index] - _means[index];
            _means[index] += deviations[index] / Count;
        }

        // d · (x − new mean) = d · d' · (n − 1) / n, written so that the matrix stays symmetric to the bit.
        var share = (Count - 1.0) / Count;
        for (var left = 0; left < row.Length; left++)
        {
            for (var right = left; right < row.Length; right++)
            {
                _products[left * row.Length + right] += deviations[left] * deviations[right] * share;
            }
        }
    }

    public Covariance Merge(Covariance other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other.Copy() : Copy();
        }

        // The larger side first, ties by their means, so that merging commutes to the bit.
        if ((other.Count, 0).CompareTo((Count, _means.AsSpan().SequenceCompareTo(other._means))) > 0)
        {
            return other.Merge(this);
        }

        var merged = Copy();
        merged.Count += other.Count;
        var share = (double)other.Count / merged.Count;
        for (var left = 0; left < Width; left++)
        {
            var deviation = other._means[left] - _means[left];
            merged._means[left] += deviation * share;
            for (var right = left; right < Width; right++)
            {
                merged._products[left * Width + right] +=
                    other._products[left * Width + right] + deviation * (other._means[right] - _means[right]) * share * Count;
            }
        }

        return merged;
    }

    public void WriteTo(CborWriter writer)
    {
        var fields = new StateWriter(writer, 3);
        fields.Number(1, Count);
        fields.Words(2, [.. _means.Select(BitConverter.DoubleToUInt64Bits)]);
        fields.Words(3, [.. _products.Select(BitConverter.DoubleToUInt64Bits)]);
        fields.End();
    }

    public static Covariance ReadFrom(CborReader reader)
    {
        var fields = new StateReader(reader, nameof(Covariance), 3);
        var state = new Covariance
        {
            Count = fields.Count(1),
            _means = [.. fields.Words(2, MaxWidth).Select(BitConverter.UInt64BitsToDouble)],
            _products = [.. fields.Words(3, MaxWidth * MaxWidth).Select(BitConverter.UInt64BitsToDouble)],
        };
        fields.End();
        fields.Check(
            state._products.Length == state.Width * state.Width && state.Count > 0 == state.Width > 0,
            $"it claims {state.Count:N0} rows of {state.Width} numbers and has {state._products.Length} products");
        fields.Check(state._means.Concat(state._products).All(double.IsFinite), "a mean or product is not finite");
        fields.Check(Enumerable.Range(0, state.Width).All(index => state[index, index] >= 0), "a variance is negative");
        return state;
    }

    /// <summary>Means and covariances that were found elsewhere.</summary>
    /// <param name="count">At least one row.</param>
    /// <param name="means">[width]</param>
    /// <param name="triangle">[width · (width + 1) / 2] covariances, divided by the count: of the first number with all, of the second with those from it on.</param>
    internal static Covariance Of(long count, ReadOnlySpan<double> means, ReadOnlySpan<double> triangle)
    {
        var state = new Covariance { Count = count, _means = means.ToArray(), _products = new double[means.Length * means.Length] };
        var next = 0;
        for (var left = 0; left < means.Length; left++)
        {
            for (var right = left; right < means.Length; right++)
            {
                state._products[left * means.Length + right] = triangle[next++] * count;
            }
        }

        return state;
    }

    Covariance Copy() => new() { Count = Count, _means = [.. _means], _products = [.. _products] };
}
