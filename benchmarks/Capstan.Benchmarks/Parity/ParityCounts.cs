using System.Globalization;

namespace Capstan.Benchmarks;

/// <summary>How many features are equal to the row reference's.</summary>
sealed class ParityCounts
{
    /// <summary>Nearer numbers are close whatever their steps: a sine next to 0.</summary>
    const double Close = 1e-15;

    long _cells;
    long _equal;

    /// <summary>The largest difference in steps of single precision.</summary>
    public long MostSteps { get; private set; }

    public void Add(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        _cells += expected.Length;
        for (var row = 0; row < expected.Length; row++)
        {
            if (BitConverter.SingleToInt32Bits(expected[row]) == BitConverter.SingleToInt32Bits(found[row]))
            {
                _equal++;
            }
            else if (Math.Abs(expected[row] - found[row]) > Close)
            {
                MostSteps = Math.Max(MostSteps, Math.Abs(Ordered(expected[row]) - Ordered(found[row])));
            }
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_cells:N0} cells, {_equal:N0} equal to the bit, {_cells - _equal:N0} not; largest difference {MostSteps} steps of single precision");

    // The bits of floats are in order among those of one sign.
    static long Ordered(float value) => BitConverter.SingleToInt32Bits(value) is >= 0 and var bits ? bits : int.MinValue - (long)BitConverter.SingleToInt32Bits(value);
}
