using System.Globalization;

namespace Capstan.Cluster;

/// <summary>How fast a worker grows trees from its share, the latest ones counting most: for people.</summary>
sealed class TreePace
{
    // What one tree more counts against those before it.
    const double Weight = 0.2;

    double? _seconds;
    double _waited;

    /// <param name="time">For a tree.</param>
    /// <param name="waited">Of that, for the others and the wire.</param>
    public void Add(TimeSpan time, TimeSpan waited)
    {
        var weight = _seconds is null ? 1 : Weight;
        _seconds = (1 - weight) * (_seconds ?? 0) + weight * time.TotalSeconds;
        _waited = (1 - weight) * _waited + weight * waited.TotalSeconds;
    }

    /// <param name="rows">In the share.</param>
    public string Text(long rows, int grown, int trees)
    {
        var seconds = Math.Max(_seconds ?? 0, 1e-6);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"tree {grown:N0} of {trees:N0}, {rows / seconds:N0} rows/s, {100 * _waited / seconds:0} % waiting for others, " +
            $"{TimeSpan.FromSeconds(Math.Round((trees - grown) * seconds)):c} left at most");
    }
}
