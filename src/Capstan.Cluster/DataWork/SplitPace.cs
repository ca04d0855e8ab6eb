using System.Globalization;

namespace Capstan.Cluster;

/// <summary>How a work on splits gets on, in words. Not thread-safe.</summary>
/// <param name="kind">What is done.</param>
/// <param name="splits">How many there are.</param>
sealed class SplitPace(string kind, int splits, TimeProvider clock)
{
    readonly long _began = clock.GetTimestamp();
    int _done;
    long _rows;

    /// <summary>One split more is done.</summary>
    /// <returns>How far it is, how fast, and how long the rest will take at this rate.</returns>
    public string Add(long rows)
    {
        _done++;
        _rows += rows;
        var seconds = clock.GetElapsedTime(_began).TotalSeconds;
        var far = string.Create(CultureInfo.InvariantCulture, $"{kind}: {_done:N0} of {splits:N0} parts, {_rows:N0} rows");
        // The first is counted from its end: there is no rate to tell yet.
        return _done == 1 || seconds <= 0 ? far : string.Create(
            CultureInfo.InvariantCulture,
            $"{far}, {_rows / seconds:N0} rows/s, {TimeSpan.FromSeconds(Math.Ceiling(seconds / _done * (splits - _done))):h\\:mm\\:ss} left");
    }
}
