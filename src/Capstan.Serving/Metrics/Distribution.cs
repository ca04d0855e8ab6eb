namespace Capstan.Serving;

/// <summary>How often values fell between some bounds, and their sum. Thread-safe.</summary>
/// <param name="bounds">Ascending; a value that equals one is below it.</param>
sealed class Distribution(double[] bounds)
{
    readonly Lock _gate = new();
    readonly long[] _counts = new long[bounds.Length + 1];
    double _sum;

    public ReadOnlySpan<double> Bounds => bounds;

    public void Add(double value)
    {
        var bucket = Array.FindIndex(bounds, bound => value <= bound);
        lock (_gate)
        {
            _counts[bucket < 0 ? bounds.Length : bucket]++;
            _sum += value;
        }
    }

    /// <returns>Counts between the bounds, the last above all of them.</returns>
    public (long[] Counts, double Sum) Read()
    {
        lock (_gate)
        {
            return ([.. _counts], _sum);
        }
    }
}
