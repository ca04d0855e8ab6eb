namespace Capstan.Data;

/// <summary>Means, variances and covariance of two numbers, over the rows in which both are present.</summary>
/// <remarks>
/// NaN stands for missing. Numbers beyond ±1e140 are not observed, so that no sum overflows. Source: Chan, Golub, LeVeque 1983,
/// for a block of rows and for merging.
/// </remarks>
struct PairMoments
{
    const double Largest = 1e140;

    double _meanX;
    double _meanY;
    double _squaresX;
    double _squaresY;
    double _products;

    public long Count { get; private set; }

    /// <summary>Pearson's; null where a number is constant, or there are fewer than two rows.</summary>
    public readonly double? Correlation => Count > 1 && _squaresX > 0 && _squaresY > 0
        ? Math.Clamp(_products / (Math.Sqrt(_squaresX) * Math.Sqrt(_squaresY)), -1, 1)
        : null;

    public void Observe(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var block = default(PairMoments);
        var (sumX, sumY) = (0.0, 0.0);
        for (var row = 0; row < x.Length; row++)
        {
            if (IsSeen(x[row], y[row]))
            {
                block.Count++;
                sumX += x[row];
                sumY += y[row];
            }
        }

        if (block.Count == 0)
        {
            return;
        }

        (block._meanX, block._meanY) = (sumX / block.Count, sumY / block.Count);
        for (var row = 0; row < x.Length; row++)
        {
            if (IsSeen(x[row], y[row]))
            {
                var (dx, dy) = (x[row] - block._meanX, y[row] - block._meanY);
                block._squaresX += dx * dx;
                block._squaresY += dy * dy;
                block._products += dx * dy;
            }
        }

        Absorb(block);
    }

    public void Absorb(in PairMoments other)
    {
        var count = Count + other.Count;
        if (count == 0)
        {
            return;
        }

        var (dx, dy) = (other._meanX - _meanX, other._meanY - _meanY);
        var (share, weight) = ((double)other.Count / count, (double)Count / count * other.Count);
        _meanX += dx * share;
        _meanY += dy * share;
        _squaresX += other._squaresX + dx * dx * weight;
        _squaresY += other._squaresY + dy * dy * weight;
        _products += other._products + dx * dy * weight;
        Count = count;
    }

    // False for NaN.
    static bool IsSeen(double x, double y) => Math.Abs(x) <= Largest && Math.Abs(y) <= Largest;
}
